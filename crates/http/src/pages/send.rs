//! Renders and sends what is made from a template.

use actix_web::HttpRequest;
use askama::Template;

use super::layout::headers;
use crate::error::ApiError;
use crate::large;
use crate::reply::{self, Reply};

/// Renders a template off the worker thread and answers with it.
pub(super) async fn send<T: Template>(
    request: &HttpRequest,
    content_type: &'static str,
    make: impl FnOnce() -> T + Send + 'static,
) -> Reply {
    let text = large::block(move || make().render()).await?;
    reply::typed(request, content_type, without_controls(text.map_err(|_| ApiError::Unwired)?), headers())
}

/// Replaces the characters that neither HTML nor XML may contain, and those that show others in the wrong order. Names and
/// descriptions may contain them.
fn without_controls(text: String) -> String {
    const OVERRIDES: [char; 2] = ['\u{202d}', '\u{202e}'];
    let is_forbidden = |c: char| {
        (c.is_control() && !"\t\n\r".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}') || OVERRIDES.contains(&c)
    };
    if text.contains(is_forbidden) { text.replace(is_forbidden, "\u{fffd}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_forbids_or_that_reorder_others_are_replaced() {
        let shown = without_controls("a\u{0}\u{1b}\u{85}\u{ffff}\u{202e}\t\n\r é😀".to_owned());
        assert_eq!(shown, "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\t\n\r é😀");
    }
}
