//! The permanent path of a link (docs/contract.md, "Link rules").

use crate::newtype::{stored_newtype, text_newtype};

/// A permanent path within a release, such as `/bin/hello-linux-amd64`.
///
/// The pattern is GitLab's, `\A/[^/](?!.*//.*)[-.\w/]+[\da-zA-Z]+\z` with ASCII `\w`: one leading slash, no `//`, a
/// letter or digit at the end. Segments `.` and `..` are rejected as well, since HTTP clients would normalise them
/// away.
///
/// ```
/// use release_links_domain::link::{AssetPath, AssetPathError};
///
/// let path: AssetPath = "/bin/hello-linux-amd64".parse()?;
/// assert_eq!(path.as_str(), "/bin/hello-linux-amd64");
/// assert_eq!("bin/hello".parse::<AssetPath>(), Err(AssetPathError::Malformed));
/// # Ok::<(), AssetPathError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct AssetPath(String);

/// Why a text is not an asset path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssetPathError {
    /// More characters than [`AssetPath::MAX_CHARS`].
    #[error("is too long (maximum is {max} characters)")]
    TooLong {
        /// The limit, in Unicode characters.
        max: usize,
    },
    /// The text does not match the pattern; the empty text does not either.
    #[error("is in an invalid format")]
    Malformed,
}

impl AssetPath {
    /// The longest path, in Unicode characters, including the leading slash.
    pub const MAX_CHARS: usize = 128;

    fn check(raw: String) -> Result<String, AssetPathError> {
        if raw.chars().count() > Self::MAX_CHARS {
            return Err(AssetPathError::TooLong { max: Self::MAX_CHARS });
        }
        Self::check_stored(raw)
    }

    fn check_stored(raw: String) -> Result<String, AssetPathError> {
        if matches_the_pattern(&raw) { Ok(raw) } else { Err(AssetPathError::Malformed) }
    }
}

fn matches_the_pattern(raw: &str) -> bool {
    let Some(inner) = raw.strip_prefix('/') else { return false };
    // The pattern allows any first character except a slash, which the check of the segments rejects.
    let Some(first) = inner.chars().next() else { return false };
    // Every path that is read from storage is checked anew, and bytes are cheaper to check than characters.
    let (inner, rest) = (inner.as_bytes(), &inner.as_bytes()[first.len_utf8()..]);
    rest.len() >= 2
        && rest.last().is_some_and(u8::is_ascii_alphanumeric)
        && rest.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/'))
        && inner.split(|b| *b == b'/').all(|segment| !matches!(segment, b"" | b"." | b".."))
}

text_newtype!(AssetPath, AssetPathError);
stored_newtype!(AssetPath, AssetPathError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stored;
    use proptest::prelude::*;

    #[test]
    fn a_path_that_matches_the_pattern_is_accepted() {
        for path in [
            "/abc",
            "/a/b",
            "/bin/hello-linux_amd64.1",
            "/.config/a",
            "/.hidden",
            "/a..b/c",
            "/.../c",
            "/é.x",
            "/éabc",
            "/ ab",
            "/ abc",
            "/%2Fbc",
            "/?abc",
            "/..a/b1",
            "/-_x",
        ] {
            assert!(path.parse::<AssetPath>().is_ok(), "{path:?}");
        }
    }

    #[test]
    fn a_path_that_does_not_match_the_pattern_is_rejected() {
        for path in [
            "",
            "/",
            "/a",
            "/ab",
            "abc",
            "//abc",
            "/a//b",
            "/ab/",
            "/ab-",
            "/ab.",
            "/ab_",
            "/aéb",
            "/a b",
            "/ab\n",
            "/a?b1",
            "/./ab",
            "/../ab",
            "/a/../b",
            "/a/./b",
            "/a\\b1",
            "/ab%41",
            "abcd",
            "/a//bc",
            "/bin/é1a",
            "/a%20b",
            "/bin/..",
            " /abc",
            "/ab\nc",
        ] {
            assert_eq!(path.parse::<AssetPath>(), Err(AssetPathError::Malformed), "{path:?}");
        }
    }

    #[test]
    fn the_length_is_checked_before_the_pattern() {
        let just = format!("/{}", "a".repeat(127));
        assert!(just.parse::<AssetPath>().is_ok());
        for long in [format!("//{just}"), "-".repeat(129)] {
            assert_eq!(long.parse::<AssetPath>(), Err(AssetPathError::TooLong { max: 128 }), "{long}");
        }
    }

    #[test]
    fn a_stored_path_may_have_any_length_but_must_match_the_pattern() {
        let long = format!("/{}", "a".repeat(128));
        assert_eq!(AssetPath::from_stored(long.clone()).map(String::from), Ok(long));
        assert_eq!(AssetPath::from_stored("ab".to_owned()), Err(AssetPathError::Malformed));
    }

    proptest! {
        #[test]
        fn an_accepted_path_begins_with_one_slash_and_has_no_empty_or_dot_segment(raw in "/[^/][-./_a-z0-9]{1,20}") {
            if let Ok(path) = raw.parse::<AssetPath>() {
                prop_assert!(path.as_str().starts_with('/'));
                prop_assert!(path.as_str()[1..].split('/').all(|s| !s.is_empty() && s != "." && s != ".."));
                prop_assert!(path.as_str().ends_with(|c: char| c.is_ascii_alphanumeric()));
            }
        }

        #[test]
        fn plain_file_paths_are_accepted(segments in proptest::collection::vec("[a-z0-9]{3,9}", 1..5)) {
            let path = format!("/{}", segments.join("/"));
            prop_assert!(path.parse::<AssetPath>().is_ok());
        }
    }
}
