//! Where projects live: path segments, full paths, groups (docs/contract.md, "Provisioning").

use std::str::FromStr;

use crate::description::ShortDescription;
use crate::newtype::{is_blank, stored_newtype, text_newtype};
use crate::visibility::Visibility;
use crate::{GroupId, NamespaceId};

/// One segment of a path: a username, a group's path or a project's.
///
/// ASCII letters, digits, `_`, `-` and `.`; it starts with a letter, digit or `_`, does not end in `.`, `.git` or `.atom`,
/// and is no reserved word. Compared without case.
///
/// ```
/// use release_links_domain::namespace::{PathSegment, PathSegmentError};
///
/// let segment: PathSegment = "Hello.world-1".parse()?;
/// assert_eq!(segment.as_str(), "Hello.world-1");
/// assert_eq!("API".parse::<PathSegment>(), Err(PathSegmentError::Reserved));
/// # Ok::<(), PathSegmentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct PathSegment(String);

/// Why a text is not a path segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathSegmentError {
    /// Empty, too long, or with a character that is not allowed at its position.
    #[error(
        "can contain only letters, digits, '_', '-' and '.', must start with a letter, digit or '_', must not end in '.', '.git' or '.atom', and may be {} characters long",
        PathSegment::MAX_CHARS
    )]
    Malformed,
    /// One of [`PathSegment::RESERVED`].
    #[error("is a reserved name")]
    Reserved,
}

impl PathSegment {
    /// The longest segment, in characters, which are all ASCII.
    pub const MAX_CHARS: usize = 255;
    /// The words that the service's routes begin with; no user, group or project may have one as its path.
    pub const RESERVED: [&str; 4] = ["api", "-", "health", "metrics"];

    fn check(raw: String) -> Result<String, PathSegmentError> {
        if Self::RESERVED.iter().any(|word| raw.eq_ignore_ascii_case(word)) {
            return Err(PathSegmentError::Reserved);
        }
        let lower = raw.to_ascii_lowercase();
        let well_formed = raw.len() <= Self::MAX_CHARS
            && raw.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && raw.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            && ![".", ".git", ".atom"].iter().any(|ending| lower.ends_with(ending));
        if well_formed { Ok(raw) } else { Err(PathSegmentError::Malformed) }
    }
}

text_newtype!(PathSegment, PathSegmentError);

/// The display name of a user, token, group or project: not blank, on one line, stored as sent.
///
/// ```
/// use release_links_domain::namespace::{DisplayName, DisplayNameError};
///
/// let name: DisplayName = "Hello World".parse()?;
/// assert_eq!(name.as_str(), "Hello World");
/// assert_eq!(" ".parse::<DisplayName>(), Err(DisplayNameError::Blank));
/// # Ok::<(), DisplayNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct DisplayName(String);

/// Why a text is not a valid display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisplayNameError {
    /// Empty, or Unicode white space only.
    #[error("is empty")]
    Blank,
    /// More Unicode characters than [`DisplayName::MAX_CHARS`].
    #[error("is too long (maximum is {} characters)", DisplayName::MAX_CHARS)]
    TooLong,
    /// A control character of any script, such as a line break.
    #[error("may not hold control characters")]
    ControlCharacter,
}

impl DisplayName {
    /// The longest name, in Unicode characters.
    pub const MAX_CHARS: usize = 255;

    pub(crate) fn check(raw: String) -> Result<String, DisplayNameError> {
        let name = Self::check_stored(raw)?;
        if name.chars().nth(Self::MAX_CHARS).is_some() {
            Err(DisplayNameError::TooLong)
        } else if name.contains(char::is_control) {
            Err(DisplayNameError::ControlCharacter)
        } else {
            Ok(name)
        }
    }

    pub(crate) fn check_stored(raw: String) -> Result<String, DisplayNameError> {
        if is_blank(&raw) { Err(DisplayNameError::Blank) } else { Ok(raw) }
    }

    /// Returns the path that a project of this name gets by default; it may not be a valid [`PathSegment`].
    #[must_use]
    pub fn suggested_path(&self) -> String {
        self.0.trim().replace(' ', "-")
    }
}

/// Cannot fail: a segment is never blank, and its limit is the limit of a name.
impl From<PathSegment> for DisplayName {
    fn from(segment: PathSegment) -> Self {
        Self(segment.0)
    }
}

text_newtype!(DisplayName, DisplayNameError);
stored_newtype!(DisplayName, DisplayNameError);

/// The full path of a project or group, `group/sub/project`; compared without case.
///
/// ```
/// use release_links_domain::namespace::FullPath;
///
/// let path: FullPath = "group/sub/project".parse()?;
/// assert_eq!(path.as_str(), "group/sub/project");
/// assert!("group//project".parse::<FullPath>().is_err());
/// # Ok::<(), release_links_domain::namespace::PathSegmentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct FullPath(String);

impl FullPath {
    fn check(raw: String) -> Result<String, PathSegmentError> {
        for segment in raw.split('/') {
            PathSegment::check(segment.to_owned())?;
        }
        Ok(raw)
    }

    /// Returns the path of the item named `segment` directly below this one.
    #[must_use]
    pub fn join(&self, segment: &PathSegment) -> Self {
        Self(format!("{}/{segment}", self.0))
    }

    /// Returns the parent's path, or none at the top level, and the last segment.
    #[must_use]
    pub fn split(&self) -> (Option<&str>, &str) {
        self.0.rsplit_once('/').map_or((None, &self.0), |(above, own)| (Some(above), own))
    }
}

impl From<PathSegment> for FullPath {
    fn from(segment: PathSegment) -> Self {
        Self(segment.0)
    }
}

text_newtype!(FullPath, PathSegmentError);

/// A group of projects and subgroups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Assigned by storage and never reused.
    pub id: GroupId,
    /// The display name.
    pub name: DisplayName,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// The full path, from the top-level group down.
    pub full_path: FullPath,
    /// The display names from the top-level group down, joined by ` / `.
    pub full_name: String,
    /// The parent group; none for a top-level group.
    pub parent: Option<GroupId>,
    /// What it is for.
    pub description: Option<ShortDescription>,
    /// Who may see it.
    pub visibility: Visibility,
}

impl Group {
    /// The maximum number of ancestors of a group, as in GitLab.
    pub const MAX_ABOVE: usize = 20;

    /// Returns the number of groups in its full path, itself included.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.full_path.as_str().split('/').count()
    }
}

/// How a request identifies a group: by id or by full path, ignoring case.
///
/// ```
/// use release_links_domain::namespace::GroupRef;
///
/// assert!(matches!("42".parse(), Ok(GroupRef::Id(_))));
/// assert!(matches!("group/sub".parse(), Ok(GroupRef::Path(_))));
/// assert!("99999999999999999999".parse::<GroupRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupRef {
    /// By id.
    Id(GroupId),
    /// By full path.
    Path(FullPath),
}

/// The text is neither a group's id nor its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this can name no group")]
pub struct NoSuchGroup;

impl FromStr for GroupRef {
    type Err = NoSuchGroup;

    fn from_str(raw: &str) -> Result<Self, NoSuchGroup> {
        if raw.bytes().all(|b| b.is_ascii_digit()) {
            let id = raw.parse::<i64>().map_err(|_| NoSuchGroup)?;
            return GroupId::try_from(id).map(Self::Id).map_err(|_| NoSuchGroup);
        }
        raw.parse().map(Self::Path).map_err(|_| NoSuchGroup)
    }
}

/// A request identifies a namespace in the same way as a group.
pub type NamespaceRef = GroupRef;

/// The parent of a project: a group, or a user's own namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Assigned by storage; a group's is its [`GroupId`].
    pub id: NamespaceId,
    /// The display name.
    pub name: String,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// The full path, from the top-level group down.
    pub full_path: FullPath,
    /// The parent group, if there is one.
    pub parent: Option<NamespaceId>,
    /// Whether it is a group or a user's namespace.
    pub kind: NamespaceKind,
}

/// Whether a namespace is a group or a user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamespaceKind {
    /// A group.
    Group,
    /// A user's own.
    User,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stored;

    #[test]
    fn a_valid_segment_is_accepted() {
        for path in ["a", "_a", "9", "a.b-c_d", "git", "a.gitx", "Api2", "a-"] {
            assert!(path.parse::<PathSegment>().is_ok(), "{path:?}");
        }
    }

    #[test]
    fn an_invalid_segment_is_rejected() {
        for path in ["", ".a", "-a", "a.", "a.git", "a.GIT", "a.atom", "a b", "a/b", "é", "a\n", &"x".repeat(256)] {
            assert_eq!(path.parse::<PathSegment>(), Err(PathSegmentError::Malformed), "{path:?}");
        }
    }

    #[test]
    fn a_reserved_word_is_rejected_in_any_case() {
        for path in ["api", "API", "-", "health", "Metrics"] {
            assert_eq!(path.parse::<PathSegment>(), Err(PathSegmentError::Reserved), "{path:?}");
        }
    }

    #[test]
    fn the_depth_of_a_group_counts_itself_and_its_ancestors() {
        for depth in [1, 20, 21] {
            let group = Group {
                id: 1.try_into().unwrap(),
                name: "a".parse().unwrap(),
                path: "a".parse().unwrap(),
                full_path: vec!["a"; depth].join("/").parse().unwrap(),
                full_name: "a".to_owned(),
                parent: None,
                description: None,
                visibility: Visibility::Public,
            };
            assert_eq!(group.depth(), depth);
        }
    }

    #[test]
    fn a_display_name_is_not_blank_and_its_limit_counts_characters() {
        for raw in ["", " ", "\t\n", "\u{3000}"] {
            assert_eq!(raw.parse::<DisplayName>(), Err(DisplayNameError::Blank), "{raw:?}");
        }
        assert!("é".repeat(DisplayName::MAX_CHARS).parse::<DisplayName>().is_ok());
        assert_eq!("é".repeat(DisplayName::MAX_CHARS + 1).parse::<DisplayName>(), Err(DisplayNameError::TooLong));
    }

    #[test]
    fn only_a_stored_display_name_may_contain_control_characters() {
        for raw in ["a\nb", "a\tb", "\u{1b}[31ma", "a\u{7f}", "a\u{85}"] {
            assert_eq!(raw.parse::<DisplayName>(), Err(DisplayNameError::ControlCharacter), "{raw:?}");
            assert_eq!(DisplayName::from_stored(raw.to_owned()).map(String::from), Ok(raw.to_owned()));
        }
        let long = "x".repeat(DisplayName::MAX_CHARS + 1);
        assert_eq!(DisplayName::from_stored(long.clone()).map(String::from), Ok(long));
        assert_eq!(DisplayName::from_stored(" ".to_owned()), Err(DisplayNameError::Blank));
    }

    #[test]
    fn a_name_suggests_a_path_and_any_path_is_a_valid_name() {
        let name: DisplayName = " My first project ".parse().unwrap();
        assert_eq!(name.suggested_path(), "My-first-project");
        let longest: PathSegment = "x".repeat(PathSegment::MAX_CHARS).parse().unwrap();
        assert_eq!(longest.as_str().parse(), Ok(DisplayName::from(longest)));
    }

    #[test]
    fn a_full_path_is_segments_joined_by_single_slashes() {
        assert!("a/b/c".parse::<FullPath>().is_ok());
        for path in ["", "/a", "a/", "a//b", "a/-/b", "a/b.git"] {
            assert!(path.parse::<FullPath>().is_err(), "{path:?}");
        }
    }
}
