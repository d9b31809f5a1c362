//! Whether a client prefers a page over JSON (RFC 9110, section 12.5.1).

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

/// A weight in thousandths.
type Weight = u16;

/// Whether `Accept` prefers HTML over JSON. A tie is JSON, as is a request without the header or with one that cannot be
/// parsed.
pub(super) fn prefers_page(request: &HttpRequest) -> bool {
    let values: Option<Vec<&str>> = request.headers().get_all(ACCEPT).map(|value| value.to_str().ok()).collect();
    values.is_some_and(|values| prefers_html(&values.join(",")))
}

fn prefers_html(accept: &str) -> bool {
    let elements = accept.split(',').map(str::trim).filter(|element| !element.is_empty());
    let Some(ranges) = elements.map(Range::parse).collect::<Option<Vec<_>>>() else { return false };
    weight(&ranges, "text", "html") > weight(&ranges, "application", "json")
}

/// Returns the weight that the most specific range gives a type.
fn weight(ranges: &[Range<'_>], kind: &str, subtype: &str) -> Weight {
    let matches = ranges.iter().filter_map(|range| Some((range.specificity(kind, subtype)?, range.weight)));
    matches.max().map_or(0, |(_, weight)| weight)
}

/// A media range and its weight.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    weight: Weight,
}

impl<'a> Range<'a> {
    fn parse(element: &'a str) -> Option<Self> {
        let mut parts = element.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let is_token =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
        if !is_token(kind) || !is_token(subtype) || (kind == "*" && subtype != "*") {
            return None;
        }
        let mut weight = 1000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=')?;
            if name.eq_ignore_ascii_case("q") {
                weight = parse_weight(value)?;
            }
        }
        Some(Self { kind, subtype, weight })
    }

    /// Returns how closely the range matches a type; `None` if it does not.
    fn specificity(&self, kind: &str, subtype: &str) -> Option<u8> {
        match (self.kind, self.subtype) {
            ("*", _) => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, of) if own.eq_ignore_ascii_case(kind) && of.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// Parses a weight: 0 to 1 with up to three decimals.
fn parse_weight(text: &str) -> Option<Weight> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths: Weight = format!("{decimals:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_preferred_only_if_its_weight_is_higher_than_that_of_json() {
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "TEXT/HTML; charset=utf-8, */*;q=0.9",
            "text/*",
            "text/*, application/json;q=0.999",
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
            ", text/html;q=0.5 , ,application/*;q=0.4",
            "*/*, application/json;q=0",
        ] {
            assert!(prefers_html(accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "application/json",
            "text/html, application/json",
            "text/html;q=0, */*",
            "text/html;q=0.5, application/json;q=0.5",
            "text/*;q=0.9, text/html;q=0.1, application/json;q=0.2",
            "image/png",
        ] {
            assert!(!prefers_html(accept), "{accept}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_parsed_counts_as_any_type() {
        for accept in [
            "text/html, *; q=.2",
            "text/html, */html",
            "text/html;q=2",
            "text/html;q=0.1234",
            "text/html;q",
            "text/html;q=",
            "text html",
            "text/html/x",
            "text/html;q=+1",
            "html",
            "text/, text/html",
        ] {
            assert!(!prefers_html(accept), "{accept}");
        }
    }
}
