//! The badge of a project's newest release, with GitLab's parameters.

use askama::Template;
use release_links_domain::newest::NewestOrder;
use release_links_usecases::Refusal;
use utoipa::openapi::schema::Type;

use super::newest::newest;
use super::send::send;
use crate::addresses::ProjectAddress;
use crate::operation::{CallerThenParameters, Filled, Integer, few, parameters};
use crate::reply::Reply;
use crate::sorting::Known;

/// The content type of a badge.
pub(super) const SVG: &str = "image/svg+xml; charset=utf-8";

/// The text on the left, by default.
const KEY: &str = "Latest Release";
/// The longest text on the left, in characters, and the widest half, in pixels, as in GitLab. Beyond, the default counts.
const MAX_KEY_CHARS: usize = 64;
const MAX_WIDTH: i64 = 512;
/// What stands for the tag if no release is out.
const NONE: &str = "none";

/// The corners and the shading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Flat,
    FlatSquare,
}

few! {
    Style: &[Self::Flat, Self::FlatSquare], Type::String, |style| match style {
        Self::Flat => "flat",
        Self::FlatSquare => "flat-square",
    }.into(),
}

parameters! {
    /// What a badge shows, and how.
    pub(super) struct BadgeParameters {
        /// What the newest release is the highest by: `released_at` or `semver`. Another value is ignored.
        order_by: Known<NewestOrder>,
        /// The text on the left, of at most 64 characters.
        key_text: Filled<String>,
        /// The width of the left half, 1 to 512 pixels.
        key_width: Integer,
        /// The width of the right half, 1 to 512 pixels.
        value_width: Integer,
        /// `flat` or `flat-square`. Another value is ignored.
        style: Known<Style>,
    }
}

/// Answers with the badge.
pub(super) async fn get(asked: CallerThenParameters<ProjectAddress, BadgeParameters>) -> Reply {
    let CallerThenParameters { incoming, address: ProjectAddress { id }, parameters, caller } = asked;
    let order = parameters.as_ref().ok().and_then(|asked| asked.order_by);
    let tag = newest(&incoming, &caller, &id, order).await?;
    let badge = Badge::new(parameters.map_err(Refusal::from)?, tag.map(String::from));
    send(&incoming.request, SVG, move || badge).await
}

#[derive(Template)]
#[template(path = "badge.svg")]
struct Badge {
    key: Half,
    value: Half,
    width: i64,
    is_square: bool,
    colour: &'static str,
}

/// One half of a badge.
struct Half {
    text: String,
    width: i64,
    /// Where its centre is.
    at: i64,
    /// The width of the text.
    length: i64,
}

impl Badge {
    fn new(asked: BadgeParameters, tag: Option<String>) -> Self {
        let key = asked.key_text.filter(|text| text.chars().nth(MAX_KEY_CHARS).is_none());
        let colour = if tag.is_some() { "#3076af" } else { "#6b6b73" };
        let key = Half::new(key.unwrap_or_else(|| KEY.to_owned()), 0, asked.key_width);
        let value = Half::new(tag.unwrap_or_else(|| NONE.to_owned()), key.width, asked.value_width);
        let is_square = asked.style == Some(Style::FlatSquare);
        Self { width: key.width + value.width, key, value, is_square, colour }
    }
}

impl Half {
    fn new(text: String, from: i64, width: Option<i64>) -> Self {
        const MARGIN: i64 = 6;
        let length = length(&text);
        let width = width.filter(|width| (1..=MAX_WIDTH).contains(width)).unwrap_or(length + 2 * MARGIN);
        Self { text, width, at: from + width / 2, length }
    }
}

/// Returns about how wide a text is in Verdana of 11 pixels, in pixels.
fn length(text: &str) -> i64 {
    let tenths = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' => 40,
        'f' | 't' | 'r' | ' ' | '/' | '(' | ')' | '[' | ']' | '-' => 48,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '+' | '=' | '_' => 95,
        'A'..='Z' => 77,
        ' '..='~' => 68,
        _ => 110,
    };
    text.chars().map(tenths).sum::<i64>().div_euclid(10) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge(asked: BadgeParameters, tag: &str) -> Badge {
        Badge::new(asked, Some(tag.to_owned()))
    }

    const DEFAULT: BadgeParameters =
        BadgeParameters { order_by: None, key_text: None, key_width: None, value_width: None, style: None };

    #[test]
    fn a_badge_is_as_wide_as_its_texts_unless_a_width_is_asked_for() {
        let (short, long) = (badge(DEFAULT, "v1"), badge(DEFAULT, "v1.22.333-rc.1"));
        assert!(short.value.width < long.value.width && short.key.width == long.key.width);
        assert_eq!(long.width, long.key.width + long.value.width);
        for (asked, width) in [(512, 512), (1, 1), (513, short.value.width), (0, short.value.width)] {
            let asked = BadgeParameters { value_width: Some(asked), ..DEFAULT };
            assert_eq!(badge(asked, "v1").value.width, width);
        }
    }

    #[test]
    fn a_key_that_is_too_long_is_ignored() {
        for (chars, is_kept) in [(64, true), (65, false)] {
            let text = "é".repeat(chars);
            let shown = badge(BadgeParameters { key_text: Some(text.clone()), ..DEFAULT }, "v1").key.text;
            assert_eq!(shown == text, is_kept);
        }
    }
}
