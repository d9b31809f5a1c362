//! Releases (docs/contract.md, "Releases").

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

pub use texts::{ReleaseFault, ReleaseFaults, ReleaseTexts};

/// A release of a project, named by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Given out once, by storage.
    pub id: ReleaseId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its tag, unique within the project.
    pub tag: TagName,
    /// The name people read; the tag's when there is none.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// What the tag was made from, as recorded with it.
    pub target: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is, or will be, released.
    pub released_at: Timestamp,
    /// Who made it, while that user exists.
    pub author: Option<User>,
    /// Its links, newest first. Where an older version stored more than [`Link::MAX_PER_RELEASE`], perhaps only the newest.
    pub links: Vec<Link>,
    /// How many links it has.
    pub link_count: usize,
}

impl Release {
    /// What people read as its name: its own, or the tag's.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.tag.as_str())
    }

    /// Whether its day is still to come.
    #[must_use]
    pub fn is_upcoming(&self, now: Timestamp) -> bool {
        is_upcoming(self.released_at, now)
    }

    /// Whether it has more links than are in [`links`](Self::links).
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.link_count > self.links.len()
    }

    /// The commit it was made from: its target, if that is a full commit SHA (40 or 64 hexadecimal digits).
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| is_commit_sha(target))
    }
}

/// Whether the day of a release is still to come; at its very moment it is out.
fn is_upcoming(released_at: Timestamp, now: Timestamp) -> bool {
    released_at > now
}

/// The newest release of a project: of those that are out, the one released last, of several at one moment the one with the
/// highest id. Storage finds the same.
///
/// ```
/// use release_links_domain::release::newest;
///
/// let (monday, tuesday, wednesday) = ("2026-03-02T00:00Z".parse()?, "2026-03-03T00:00Z".parse()?, "2026-03-04T00:00Z".parse()?);
/// let [first, second, third] = [1, 2, 3].map(|id| id.try_into().unwrap());
/// let releases = [(first, monday), (second, monday), (third, wednesday)];
/// assert_eq!(newest(releases, tuesday), Some(second));
/// assert_eq!(newest(releases, wednesday), Some(third));
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn newest(releases: impl IntoIterator<Item = (ReleaseId, Timestamp)>, now: Timestamp) -> Option<ReleaseId> {
    let out = releases.into_iter().filter(|(_, released_at)| !is_upcoming(*released_at, now));
    out.max_by_key(|&(id, released_at)| (released_at, id)).map(|(id, _)| id)
}

/// Changes to a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseChanges {
    /// The name; cleared, the tag's stands for it.
    pub name: Change<String>,
    /// The description, which may be none.
    pub description: Change<String>,
    /// The new day, if it changes; every release has one.
    pub released_at: Option<Timestamp>,
}

impl ReleaseChanges {
    /// The release after these changes.
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

/// One thing wrong with the links of a new release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinksFault {
    /// A link breaks a rule of its own.
    Link(LinkFault),
    /// Several links have one name, URL or path.
    Duplicates {
        /// Each such value once, up to [`LinksFaults::MAX`].
        values: Vec<String>,
        /// How many such values there are besides.
        more: usize,
    },
    /// More links than [`Link::MAX_PER_RELEASE`]; said alone.
    TooMany,
}

/// As in GitLab's validation messages: the link's sentence goes on after `Links`.
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

/// Everything wrong with the links of a new release, each fault once: those of single links in the links' order, then
/// the equal names, URLs and paths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Validation failed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct LinksFaults(pub Vec<LinksFault>);

impl LinksFaults {
    /// How many faults and equal values are told in all; what is told stays short whatever was sent.
    pub const MAX: usize = 100;
}

/// Parses the links of a new release, which may collide only with one another.
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
/// All faults at once; of more links than a release takes, that alone.
pub fn parse_links(drafts: Vec<LinkDraft>) -> Result<Vec<LinkFields>, LinksFaults> {
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
    let mut room = LinksFaults::MAX.saturating_sub(faults.len());
    faults.extend(duplicates(candidates.iter().filter_map(|c| c.name.as_ref().map(LinkName::as_str)), &mut room));
    faults.extend(duplicates(candidates.iter().filter_map(|c| c.url.as_ref().map(LinkUrl::as_str)), &mut room));
    faults.extend(duplicates(candidates.iter().filter_map(|c| c.path.as_ref().map(AssetPath::as_str)), &mut room));
    if faults.is_empty() { Ok(links) } else { Err(LinksFaults(faults)) }
}

/// The values that occur more than once, in the order of their first occurrence, while there is room to tell them.
fn duplicates<'a>(values: impl Iterator<Item = &'a str>, room: &mut usize) -> Option<LinksFault> {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (position, value) in values.enumerate() {
        seen.entry(value).or_insert((position, 0)).1 += 1;
    }
    let mut repeated: Vec<_> = seen.into_iter().filter(|(_, (_, count))| *count > 1).collect();
    repeated.sort_by_key(|(_, (first, _))| *first);
    let values: Vec<_> = repeated.iter().take(*room).map(|(value, _)| (*value).to_owned()).collect();
    *room -= values.len();
    let more = repeated.len() - values.len();
    (!repeated.is_empty()).then_some(LinksFault::Duplicates { values, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, url: &str, path: Option<&str>) -> LinkDraft {
        LinkDraft { name: Some(name.into()), url: Some(url.into()), path: path.map(Into::into), ..LinkDraft::default() }
    }

    #[test]
    fn good_links_keep_their_order() {
        let links = parse_links(vec![draft("a", "http://a", None), draft("b", "http://b", None)]).unwrap();
        assert_eq!(links.iter().map(|link| link.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn each_fault_of_a_link_is_said_once_with_a_small_first_letter() {
        let faults = parse_links(vec![draft("", "x", None), draft("", "y", Some(""))]).unwrap_err();
        assert_eq!(
            faults.to_string(),
            "Validation failed: Links url is blocked: Only allowed schemes are http, https, ftp, \
             Links name can't be blank, Links filepath is in an invalid format"
        );
    }

    #[test]
    fn a_release_is_made_with_a_thousand_links_at_most() {
        let drafts = |count: usize| (0..count).map(|n| draft(&n.to_string(), &format!("http://{n}"), None)).collect();
        assert_eq!(parse_links(drafts(1_000)).unwrap().len(), 1_000);
        let mut too_many: Vec<LinkDraft> = drafts(1_001);
        too_many[0].url = Some("file:///x".to_owned());
        let faults = parse_links(too_many).unwrap_err();
        assert_eq!(faults.to_string(), "Validation failed: Links are too many (maximum is 1000)");
    }

    #[test]
    fn equal_values_come_last_each_once() {
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
    fn a_hundred_equal_values_are_told_and_how_many_more_there_are() {
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
