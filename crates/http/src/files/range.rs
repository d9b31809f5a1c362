//! Which bytes of a file a request asks for (RFC 9110, section 14).

use std::ops::Range;

use actix_web::http::header::{HeaderMap, IF_RANGE, RANGE};

/// What part of a file is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// These bytes.
    Range(Range<u64>),
    /// None: the file has none of the bytes that are asked for.
    Nothing,
}

impl Part {
    /// Reads the range that a GET asks for, of a file of so many bytes that `tag` identifies. A header that is no range, or has
    /// several, counts as none, and so does one for another state of the file.
    pub(super) fn asked_for(headers: &HeaderMap, size: u64, tag: &str) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let is_of_this_state = !headers.contains_key(IF_RANGE) || text(IF_RANGE) == Some(tag);
        match text(RANGE).filter(|_| is_of_this_state).and_then(|range| parse(range, size)) {
            None => Self::Whole,
            Some(range) if range.is_empty() => Self::Nothing,
            Some(range) => Self::Range(range),
        }
    }
}

/// Reads one range, which is empty if the file has none of its bytes.
fn parse(range: &str, size: u64) -> Option<Range<u64>> {
    let (unit, range) = range.split_once('=')?;
    let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    match (first, last) {
        ("", last) => Some(size.saturating_sub(number(last)?)..size),
        (first, "") => Some(number(first)?.min(size)..size),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then(|| first.min(size)..last.saturating_add(1).min(size))
        }
    }
}

/// Reads digits; a number beyond all sizes counts as the highest.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const TAG: &str = "\"tag\"";

    fn part(range: &'static str, if_range: Option<&'static str>, size: u64) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static(range));
        if let Some(tag) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_static(tag));
        }
        Part::asked_for(&headers, size, TAG)
    }

    #[test]
    fn a_range_is_cut_off_at_the_end_of_the_file() {
        for (range, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=9-", 9..10),
            ("bytes=0-", 0..10),
            ("bytes=-1", 9..10),
            ("bytes=-10", 0..10),
            ("bytes=-99", 0..10),
            ("bytes=5-99", 5..10),
            ("bytes=5-99999999999999999999999", 5..10),
            ("Bytes= 1-2 ", 1..3),
        ] {
            assert_eq!(part(range, None, 10), Part::Range(expected), "{range}");
        }
    }

    #[test]
    fn a_range_that_begins_after_the_end_has_nothing() {
        for range in ["bytes=10-", "bytes=10-11", "bytes=99999999999999999999999-", "bytes=-0"] {
            assert_eq!(part(range, None, 10), Part::Nothing, "{range}");
        }
        for range in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
            assert_eq!(part(range, None, 0), Part::Nothing, "{range}");
        }
    }

    #[test]
    fn several_ranges_and_what_is_none_are_ignored() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=0-1,3-4",
            "bytes=0-1, 3-4",
            "bytes=a-b",
            "bytes=1-b",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=0x1-2",
            "items=0-1",
            "bytes 0-1",
            "bytes=1 - 2",
        ] {
            assert_eq!(part(range, None, 10), Part::Whole, "{range}");
        }
        assert_eq!(Part::asked_for(&HeaderMap::new(), 10, TAG), Part::Whole);
    }

    #[test]
    fn a_range_counts_only_for_the_state_that_if_range_names() {
        assert_eq!(part("bytes=0-0", Some(TAG), 10), Part::Range(0..1));
        for other in ["\"other\"", "W/\"tag\"", "tag", "Fri, 27 Nov 2026 12:00:00 GMT", ""] {
            assert_eq!(part("bytes=0-0", Some(other), 10), Part::Whole, "{other}");
        }
        assert_eq!(part("bytes=99-", Some("\"other\""), 10), Part::Whole);
    }
}
