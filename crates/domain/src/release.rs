//! Releases (docs/contract.md, "Releases").

mod date;
mod order;
mod texts;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use crate::link::{
    AssetPath, Change, Link, LinkConflict, LinkDraft, LinkFault, LinkFields, LinkName, LinkUrl, ParsedDraft,
};
use crate::tag::{TagName, is_commit_sha};
use crate::user::User;
use crate::{ProjectId, ReleaseId};

pub use date::{date_of_new, newest};
pub use order::ReleaseOrder;
pub use texts::{ReleaseFault, ReleaseFaults, ReleaseTexts};

/// A release of a project, named by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Assigned by storage and never reused.
    pub id: ReleaseId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its tag, unique within the project.
    pub tag: TagName,
    /// The display name; if none, the tag's name is used.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The ref that the tag was created from.
    pub target: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it is, or will be, released.
    pub released_at: Timestamp,
    /// The user who created it, while that user exists.
    pub author: Option<User>,
    /// Its links, in their order. Possibly only the first, if an older version stored more than
    /// [`Link::MAX_PER_RELEASE`].
    pub links: Vec<Link>,
    /// How many links it has.
    pub link_count: usize,
}

impl Release {
    /// Returns the display name: its own, or the tag's.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.tag.as_str())
    }

    /// Whether its release date is in the future.
    #[must_use]
    pub fn is_upcoming(&self, now: Timestamp) -> bool {
        date::is_upcoming(self.released_at, now)
    }

    /// Whether it has more links than [`links`](Self::links) contains.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.link_count > self.links.len()
    }

    /// Returns the commit that the tag was created from: its target, if that is a full commit SHA (40 or 64
    /// hexadecimal digits).
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| is_commit_sha(target))
    }
}

/// Changes to a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseChanges {
    /// The display name; when cleared, the tag's name is used.
    pub name: Change<String>,
    /// The description.
    pub description: Change<String>,
    /// The new release date, if it changes; it cannot be cleared.
    pub released_at: Option<Timestamp>,
}

impl ReleaseChanges {
    /// Returns the release with these changes applied.
    #[must_use]
    pub fn apply(self, current: Release) -> Release {
        Release {
            name: self.name.apply(current.name),
            description: self.description.apply(current.description),
            released_at: self.released_at.unwrap_or(current.released_at),
            ..current
        }
    }
}

/// One fault of the links of a new release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinksFault {
    /// One link is invalid on its own.
    Link(LinkFault),
    /// Several links share a name, URL or path.
    Duplicates {
        /// Each shared value once, up to [`LinksFaults::MAX`].
        values: Vec<String>,
        /// The number of further shared values.
        more: usize,
    },
    /// More links than [`Link::MAX_PER_RELEASE`]; reported alone.
    TooMany,
}

/// As in GitLab's validation messages: the link's own message follows the word `Links`.
impl fmt::Display for LinksFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(fault) => {
                let sentence = fault.to_string();
                let (first, rest) = sentence.split_at(1);
                write!(f, "Links {}{rest}", first.to_ascii_lowercase())
            }
            Self::Duplicates { values, more: 0 } => write!(f, "Links have duplicate values ({})", values.join(", ")),
            Self::Duplicates { values, more } if values.is_empty() => {
                write!(f, "Links have duplicate values ({more} not listed)")
            }
            Self::Duplicates { values, more } => {
                write!(f, "Links have duplicate values ({} and {more} more)", values.join(", "))
            }
            Self::TooMany => LinkFault::TooMany.fmt(f),
        }
    }
}

/// All faults of the links of a new release, without duplicates: first those of single links, in the order of the
/// links, then the shared names, URLs and paths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Validation failed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct LinksFaults(pub Vec<LinksFault>);

impl LinksFaults {
    /// The maximum number of faults and shared values that are listed, which bounds the size of the answer.
    pub const MAX: usize = 100;
}

/// Parses the links of a new release. They can conflict only with one another.
///
/// ```
/// use release_links_domain::link::LinkDraft;
/// use release_links_domain::release::parse_links;
///
/// let link = LinkDraft { name: Some("a".into()), url: Some("http://a".into()), ..LinkDraft::default() };
/// let faults = parse_links(vec![link.clone(), link]).unwrap_err();
/// assert_eq!(
///     faults.to_string(),
///     "Validation failed: Links have duplicate values (a), Links have duplicate values (http://a)"
/// );
/// ```
///
/// # Errors
/// Returns all faults at once; for too many links, only that fault.
pub fn parse_links(drafts: Vec<LinkDraft>) -> Result<Vec<LinkFields>, LinksFaults> {
    // Refusing before parsing bounds the work that one request can cause.
    if drafts.len() > Link::MAX_PER_RELEASE {
        return Err(LinksFaults(vec![LinksFault::TooMany]));
    }
    let drafts: Vec<_> = drafts.into_iter().map(LinkDraft::parse).collect();
    let candidates: Vec<_> = drafts.iter().map(ParsedDraft::candidate).collect();
    let mut links = Vec::with_capacity(drafts.len());
    let mut faults = Vec::new();
    for draft in drafts {
        match draft.accept(LinkConflict::NONE) {
            Ok(link) => links.push(link),
            Err(found) => {
                for fault in found.iter().map(LinksFault::Link) {
                    if !faults.contains(&fault) {
                        faults.push(fault);
                    }
                }
            }
        }
    }
    let mut remaining = LinksFaults::MAX.saturating_sub(faults.len());
    faults.extend(duplicates(candidates.iter().filter_map(|c| c.name.as_ref().map(LinkName::as_str)), &mut remaining));
    faults.extend(duplicates(candidates.iter().filter_map(|c| c.url.as_ref().map(LinkUrl::as_str)), &mut remaining));
    faults.extend(duplicates(candidates.iter().filter_map(|c| c.path.as_ref().map(AssetPath::as_str)), &mut remaining));
    if faults.is_empty() { Ok(links) } else { Err(LinksFaults(faults)) }
}

/// Returns the values that occur more than once, in the order of their first occurrence, at most `remaining` of them
/// listed.
fn duplicates<'a>(values: impl Iterator<Item = &'a str>, remaining: &mut usize) -> Option<LinksFault> {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (position, value) in values.enumerate() {
        seen.entry(value).or_insert((position, 0)).1 += 1;
    }
    let mut repeated: Vec<_> = seen.into_iter().filter(|(_, (_, count))| *count > 1).collect();
    repeated.sort_by_key(|(_, (first, _))| *first);
    let values: Vec<_> = repeated.iter().take(*remaining).map(|(value, _)| (*value).to_owned()).collect();
    *remaining -= values.len();
    let more = repeated.len() - values.len();
    (!repeated.is_empty()).then_some(LinksFault::Duplicates { values, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, url: &str, path: Option<&str>) -> LinkDraft {
        LinkDraft {
            name: Some(name.into()),
            url: Some(url.into()),
            path: path.map(Into::into).map_or(Change::Keep, Change::Set),
            ..LinkDraft::default()
        }
    }

    #[test]
    fn valid_links_keep_their_order() {
        let links = parse_links(vec![draft("a", "http://a", None), draft("b", "http://b", None)]).unwrap();
        assert_eq!(links.iter().map(|link| link.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn each_fault_of_a_link_is_reported_once_and_starts_in_lower_case() {
        let faults = parse_links(vec![draft("", "x", None), draft("", "y", Some(""))]).unwrap_err();
        assert_eq!(
            faults.to_string(),
            "Validation failed: Links url is blocked: Only allowed schemes are http, https, ftp, \
             Links name can't be blank, Links filepath is in an invalid format"
        );
    }

    #[test]
    fn a_new_release_has_at_most_a_thousand_links() {
        let drafts = |count: usize| (0..count).map(|n| draft(&n.to_string(), &format!("http://{n}"), None)).collect();
        assert_eq!(parse_links(drafts(1_000)).unwrap().len(), 1_000);
        let mut too_many: Vec<LinkDraft> = drafts(1_001);
        too_many[0].url = Some("file:///x".to_owned());
        let faults = parse_links(too_many).unwrap_err();
        assert_eq!(faults.to_string(), "Validation failed: Links are too many (maximum is 1000)");
    }

    #[test]
    fn shared_values_are_reported_last_and_once_each() {
        let faults = parse_links(vec![
            draft("b", "http://1", Some("/abc")),
            draft("a", "http://2", Some("/abc")),
            draft("a", "http://3", None),
            draft("b", "http://4", None),
            draft("b", "file:///", None),
        ]);
        assert_eq!(
            faults.unwrap_err().to_string(),
            "Validation failed: Links url is blocked: Only allowed schemes are http, https, ftp, \
             Links have duplicate values (b, a), Links have duplicate values (/abc)"
        );
    }

    #[test]
    fn a_hundred_shared_values_are_listed_and_the_rest_counted() {
        let twice = |number: u32| (0..2).map(move |_| draft(&number.to_string(), &format!("http://{number}"), None));
        let told = |values: u32| parse_links((0..values).flat_map(twice).collect()).unwrap_err().to_string();
        assert!(told(50).contains(", 49), Links") && told(50).ends_with(", http://49)"), "{}", told(50));
        assert!(told(60).contains(", 59), Links") && told(60).ends_with(", http://39 and 20 more)"), "{}", told(60));
        assert!(
            told(500).ends_with(", 99 and 400 more), Links have duplicate values (500 not listed)"),
            "{}",
            told(500)
        );
    }
}
