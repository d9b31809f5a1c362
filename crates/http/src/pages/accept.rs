//! Whether a client prefers a page over JSON (RFC 9110, section 12.5.1).

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use mime::{Mime, Name};

/// A weight in thousandths.
type Weight = u16;

/// Whether `Accept` prefers HTML over JSON. A tie is JSON, as is a request without the header or with one that cannot be
/// parsed.
pub(super) fn prefers_page(request: &HttpRequest) -> bool {
    let values: Option<Vec<&str>> = request.headers().get_all(ACCEPT).map(|value| value.to_str().ok()).collect();
    values.is_some_and(|values| prefers_html(&values.join(",")))
}

fn prefers_html(accept: &str) -> bool {
    let elements = elements(accept).into_iter().map(str::trim).filter(|element| !element.is_empty());
    let Some(ranges) = elements.map(Range::parse).collect::<Option<Vec<_>>>() else { return false };
    weight(&ranges, mime::TEXT, mime::HTML) > weight(&ranges, mime::APPLICATION, mime::JSON)
}

/// Splits a list at its commas, except those in quotes.
fn elements(list: &str) -> Vec<&str> {
    let (mut elements, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                elements.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    elements.push(&list[start..]);
    elements
}

/// Returns the weight that the most specific range gives a type.
fn weight(ranges: &[Range], kind: Name<'_>, subtype: Name<'_>) -> Weight {
    let matches = ranges.iter().filter_map(|range| Some((range.specificity(kind, subtype)?, range.weight)));
    matches.max().map_or(0, |(_, weight)| weight)
}

/// A media range and its weight.
struct Range {
    types: Mime,
    weight: Weight,
}

impl Range {
    fn parse(element: &str) -> Option<Self> {
        let types: Mime = element.parse().ok()?;
        let subtype = types.subtype();
        if subtype == "" || (types.type_() == mime::STAR && subtype != mime::STAR) {
            return None;
        }
        let weight = types.get_param("q").map_or(Some(1000), |weight| parse_weight(weight.as_str()))?;
        Some(Self { types, weight })
    }

    /// Returns how closely the range matches a type; `None` if it does not.
    fn specificity(&self, kind: Name<'_>, subtype: Name<'_>) -> Option<u8> {
        match (self.types.type_(), self.types.subtype()) {
            (mime::STAR, _) => Some(0),
            (own, mime::STAR) if own == kind => Some(1),
            (own, of) if own == kind && of == subtype => Some(2),
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
            "text/html;a=\"b, c; q=0, d\"",
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
            "text/html;a=b c",
            "text/html;=a",
            "text/html; q = 0.5",
            "text/html;a=\"b",
            "text/html;q=+1",
            "html",
            "text/, text/html",
        ] {
            assert!(!prefers_html(accept), "{accept}");
        }
    }
}
