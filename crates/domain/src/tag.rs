//! Tags, and the rules that protect them (docs/contract.md, "Permissions" and "Releases").

use jiff::Timestamp;

use crate::newtype::{is_blank, text_newtype};
use crate::search::finds_nothing;

/// The name of a tag: case-sensitive, and any text except a few that are rejected.
///
/// ```
/// use release_links_domain::tag::{TagName, TagNameError};
///
/// let tag: TagName = "v1.0/rc 1+build".parse()?;
/// assert_eq!(tag.as_str(), "v1.0/rc 1+build");
/// assert_eq!("HEAD".parse::<TagName>(), Err(TagNameError));
/// # Ok::<(), TagNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct TagName(String);

/// The text is blank, `HEAD`, longer than [`TagName::MAX_BYTES`] or holds a control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Tag name invalid")]
pub struct TagNameError;

impl TagName {
    /// The longest tag, in bytes.
    pub const MAX_BYTES: usize = 255;

    fn check(raw: String) -> Result<String, TagNameError> {
        let refused =
            is_blank(&raw) || raw == "HEAD" || raw.len() > Self::MAX_BYTES || raw.chars().any(char::is_control);
        if refused { Err(TagNameError) } else { Ok(raw) }
    }
}

text_newtype!(TagName, TagNameError);

/// The tags that a rule protects. `*` matches any run of characters, including `/`; the rest must match the whole tag
/// exactly, including case.
///
/// ```
/// use release_links_domain::tag::TagPattern;
///
/// let pattern: TagPattern = "v*".parse()?;
/// assert!(pattern.matches("v1.0/x"));
/// assert!(!pattern.matches("V1"));
/// # Ok::<(), release_links_domain::tag::TagPatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct TagPattern(String);

/// The text is blank, or longer than a tag can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is invalid")]
pub struct TagPatternError;

impl TagPattern {
    fn check(raw: String) -> Result<String, TagPatternError> {
        let refused = is_blank(&raw) || raw.len() > TagName::MAX_BYTES;
        if refused { Err(TagPatternError) } else { Ok(raw) }
    }

    /// Whether the rule with this pattern protects `tag`.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        let Some((head, rest)) = self.0.split_once('*') else { return self.0 == tag };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(mut left) = tag.strip_prefix(head).and_then(|left| left.strip_suffix(last)) else { return false };
        // Matching each piece at its first occurrence leaves the longest remainder for the pieces that follow.
        for piece in middle.split('*') {
            let Some(at) = left.find(piece) else { return false };
            left = &left[at + piece.len()..];
        }
        true
    }
}

text_newtype!(TagPattern, TagPatternError);

/// A tag of a project. It is created with its first release and remains until it is deleted itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Unique within the project.
    pub name: TagName,
    /// The message that it was created with.
    pub message: Option<String>,
    /// The ref that it was created from.
    pub target: Option<String>,
    /// When its first release was created.
    pub created_at: Timestamp,
    /// Its release, if it has one.
    pub release: Option<TagRelease>,
}

/// The part of a release that its tag includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRelease {
    /// Free text.
    pub description: Option<String>,
}

impl Tag {
    /// Returns the commit that the tag was created from: its target, if that is a full commit SHA.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| is_commit_sha(target))
    }
}

/// Whether a `ref` is a full commit SHA, of SHA-1 or SHA-256.
#[must_use]
pub fn is_commit_sha(target: &str) -> bool {
    matches!(target.len(), 40 | 64) && target.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What tags are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagOrder {
    /// When they were created; equal times are ordered by id.
    #[default]
    Updated,
    /// Their names, byte by byte.
    Name,
    /// Their [versions](crate::version::VersionKey), whatever stands before them; equal ones are ordered by id. Tags without a
    /// version come last in both directions, by name.
    Version,
}

/// A search for tags or branches, ignoring ASCII case: `^v1` matches the start of a name, `rc$` its end, and any other text any
/// part of it.
///
/// ```
/// use release_links_domain::tag::TagSearch;
///
/// assert_eq!(TagSearch::from("^v1"), TagSearch::Start("v1".to_owned()));
/// assert_eq!(TagSearch::from("rc$"), TagSearch::End("rc".to_owned()));
/// assert_eq!(TagSearch::from("1.0"), TagSearch::Anywhere("1.0".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagSearch {
    /// The name begins with this.
    Start(String),
    /// The name ends with this.
    End(String),
    /// The name contains this.
    Anywhere(String),
    /// No name matches: the text is longer than any name.
    Nothing,
}

impl TagSearch {
    /// Returns the search that a request asks for, if it does; an empty one counts as absent.
    #[must_use]
    pub fn of(sent: Option<&str>) -> Option<Self> {
        sent.filter(|text| !text.is_empty()).map(Self::from)
    }

    /// Whether the search finds this name.
    ///
    /// ```
    /// use release_links_domain::tag::TagSearch;
    ///
    /// assert!(TagSearch::from("^V1").finds("v1.0"));
    /// assert!(!TagSearch::from("1$").finds("v1.0"));
    /// ```
    #[must_use]
    pub fn finds(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Self::Start(text) => name.starts_with(&text.to_ascii_lowercase()),
            Self::End(text) => name.ends_with(&text.to_ascii_lowercase()),
            Self::Anywhere(text) => name.contains(&text.to_ascii_lowercase()),
            Self::Nothing => false,
        }
    }
}

impl From<&str> for TagSearch {
    fn from(raw: &str) -> Self {
        if finds_nothing(raw) {
            Self::Nothing
        } else if let Some(start) = raw.strip_prefix('^') {
            Self::Start(start.to_owned())
        } else if let Some(end) = raw.strip_suffix('$') {
            Self::End(end.to_owned())
        } else {
            Self::Anywhere(raw.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tag_is_any_text_except_a_few() {
        for tag in ["v1", "1", "a/b", "a b", "é", "head", "HEADs", "..", " v1", "-x", "a\\b", "%2F", &"x".repeat(255)]
        {
            assert!(tag.parse::<TagName>().is_ok(), "{tag:?}");
        }
        for tag in ["", "  ", "\u{3000}", "HEAD", "a\nb", "a\u{7f}", "\u{85}", &"x".repeat(256), &"é".repeat(128)] {
            assert_eq!(tag.parse::<TagName>(), Err(TagNameError), "{tag:?}");
        }
    }

    #[test]
    fn a_search_text_longer_than_any_name_finds_no_tag() {
        assert_eq!(TagSearch::from("x".repeat(255).as_str()), TagSearch::Anywhere("x".repeat(255)));
        for long in ["x".repeat(256), format!("^{}", "x".repeat(255)), "x".repeat(49_999)] {
            assert_eq!(TagSearch::from(long.as_str()), TagSearch::Nothing);
        }
    }

    #[test]
    fn a_commit_is_a_full_sha() {
        for (target, expected) in [
            ("a1".repeat(20), true),
            ("0".repeat(64), true),
            ("0".repeat(39), false),
            ("main".into(), false),
            ("g".repeat(40), false),
        ] {
            assert_eq!(is_commit_sha(&target), expected, "{target}");
        }
    }

    #[test]
    fn a_pattern_matches_the_whole_tag_and_is_case_sensitive() {
        for (pattern, tag, expected) in [
            ("v1", "v1", true),
            ("v1", "v12", false),
            ("v1", "V1", false),
            ("*", "anything/at all", true),
            ("v*", "v", true),
            ("v*", "av1", false),
            ("*-stable", "v1/x-stable", true),
            ("*-stable", "v1-stable2", false),
            ("v*.*-rc*", "v1.2-rc3", true),
            ("v*.*-rc*", "v1-rc3", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "ab", false),
            ("a**b", "ab", true),
            ("a.c", "abc", false),
            ("[a]?", "[a]?", true),
        ] {
            let matches = pattern.parse::<TagPattern>().unwrap().matches(tag);
            assert_eq!(matches, expected, "{pattern} on {tag}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_every_text_that_replaces_its_stars(pieces in proptest::collection::vec("[a-c/é]{0,3}", 1..5), fill in proptest::collection::vec("[a-c/é]{0,3}", 5)) {
            let pattern = format!("x{}", pieces.join("*"));
            let tag = pieces.iter().zip(&fill).enumerate().fold(String::from("x"), |tag, (i, (piece, fill))| if i == 0 { tag + piece } else { tag + fill + piece });
            prop_assert!(pattern.parse::<TagPattern>()?.matches(&tag), "{pattern} on {tag}");
        }
    }
}
