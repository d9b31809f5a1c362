//! Segments of a request path.

use super::{Malformed, percent};

/// Percent-decodes one raw path segment exactly once; a plus stays a plus.
///
/// # Errors
/// Returns an error for a broken escape, bytes that are not UTF-8, or a NUL.
pub(crate) fn decode_segment(raw: &str) -> Result<String, Malformed> {
    percent::decode(raw.as_bytes())
}

/// Returns the raw segments of a path; empty ones do not count.
pub(crate) fn segments(raw_path: &str) -> impl Iterator<Item = &str> {
    raw_path.split('/').filter(|segment| !segment.is_empty())
}

/// Checks that every segment of a raw path can be decoded.
///
/// # Errors
/// Returns the first fault of any segment.
pub(crate) fn check_path(raw_path: &str) -> Result<(), Malformed> {
    if !raw_path.contains(['%', '\0']) {
        return Ok(());
    }
    raw_path.split('/').try_for_each(|segment| decode_segment(segment).map(drop))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_segment_is_decoded_exactly_once() {
        assert_eq!(decode_segment("v1%252E0").unwrap(), "v1%2E0");
        assert_eq!(decode_segment("group%2Fsub%2Fproject").unwrap(), "group/sub/project");
        assert_eq!(decode_segment("v1%2E0%2D1%5F2").unwrap(), "v1.0-1_2");
    }

    #[test]
    fn a_plus_in_a_segment_stays_a_plus() {
        assert_eq!(decode_segment("v1+a%2Bb%20c").unwrap(), "v1+a+b c");
    }

    #[test]
    fn a_path_is_checked_in_every_segment() {
        assert_eq!(check_path("/api/v4/projects/a%2Fb/releases/v1%2E0/"), Ok(()));
        assert_eq!(check_path("/a/%zz/b"), Err(Malformed::Percent));
        assert_eq!(check_path("/a/b%00"), Err(Malformed::Nul));
        assert_eq!(check_path("/%ff/b"), Err(Malformed::Utf8));
    }

    #[test]
    fn a_character_cannot_span_two_segments() {
        assert_eq!(check_path("/%C3%A9"), Ok(()));
        assert_eq!(check_path("/%C3/%A9"), Err(Malformed::Utf8));
        assert_eq!(check_path("/a%4/1"), Err(Malformed::Percent));
    }

    proptest! {
        #[test]
        fn a_path_is_valid_exactly_if_its_segments_are(segments in proptest::collection::vec("[a%0-9]{0,5}", 1..4)) {
            let all_valid = segments.iter().all(|segment| decode_segment(segment).is_ok());
            prop_assert_eq!(check_path(&segments.join("/")).is_ok(), all_valid);
        }
    }
}
