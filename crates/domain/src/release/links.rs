//! The links that are sent with a release, new or not (docs/contract.md, "Releases").

use std::collections::BTreeMap;
use std::fmt;

use crate::LinkId;
use crate::link::{
    AssetPath, Candidate, Link, LinkConflict, LinkDraft, LinkFault, LinkFaults, LinkFields, LinkName, LinkUrl,
    OnConflict, ParsedDraft, Settled,
};

/// One fault of the links that are sent with a release.
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

impl LinksFault {
    fn of(fault: LinkFault) -> Self {
        if fault == LinkFault::TooMany { Self::TooMany } else { Self::Link(fault) }
    }
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

/// All faults of the links that are sent with a release, without duplicates: first those of single links, in the order of the
/// links, then the shared names, URLs and paths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Validation failed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct LinksFaults(pub Vec<LinksFault>);

impl LinksFaults {
    /// Returns the faults of one link.
    #[must_use]
    pub fn of_link(faults: &LinkFaults) -> Self {
        Self(faults.iter().map(LinksFault::of).collect())
    }

    /// The maximum number of faults and shared values that are listed, which bounds the size of the answer.
    pub const MAX: usize = 100;
}

/// The links that are sent with a release, each parsed.
///
/// ```
/// use release_links_domain::link::LinkDraft;
/// use release_links_domain::release::SentLinks;
///
/// let link = LinkDraft { name: Some("a".into()), url: Some("http://a".into()), ..LinkDraft::default() };
/// let faults = SentLinks::parse(vec![link.clone(), link])?.accept().unwrap_err();
/// assert_eq!(
///     faults.to_string(),
///     "Validation failed: Links have duplicate values (a), Links have duplicate values (http://a)"
/// );
/// # Ok::<(), release_links_domain::release::LinksFaults>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentLinks(Vec<ParsedDraft>);

/// Valid links, sent as they are.
impl From<Vec<LinkFields>> for SentLinks {
    fn from(links: Vec<LinkFields>) -> Self {
        Self(links.into_iter().map(ParsedDraft::from).collect())
    }
}

impl SentLinks {
    /// Parses every link, collecting all faults.
    ///
    /// # Errors
    /// Returns a fault if there are more links than a release can have.
    pub fn parse(drafts: Vec<LinkDraft>) -> Result<Self, LinksFaults> {
        // Refusing before parsing bounds the work that one request can cause.
        if drafts.len() > Link::MAX_PER_RELEASE {
            return Err(LinksFaults(vec![LinksFault::TooMany]));
        }
        Ok(Self(drafts.into_iter().map(LinkDraft::parse).collect()))
    }

    /// Returns the number of links.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no links.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the values that parsed, link by link, to compare them with the links that the release has.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        self.0.iter().map(ParsedDraft::candidate).collect()
    }

    /// Returns the links of a new release. They can conflict only with one another.
    ///
    /// # Errors
    /// Returns all faults at once.
    pub fn accept(&self) -> Result<Vec<LinkFields>, LinksFaults> {
        let accepted = self.0.iter().cloned().map(|draft| draft.accept(LinkConflict::NONE));
        gather(accepted, &self.candidates())
    }

    /// Whether an immutable release refuses these links, each sent with [`OnConflict::Replace`]. `alike` are its links that
    /// share a value with one of them.
    pub(super) fn alter(&self, alike: &[Link]) -> bool {
        self.0.iter().any(|draft| draft.alters(OnConflict::Replace, alike))
    }

    /// Decides what becomes of the links in a release with `links` links, of which `alike` share a value with one of them:
    /// of one after the other, each as if it were sent alone with [`OnConflict::Replace`].
    ///
    /// # Errors
    /// Returns all faults at once; for too many links, only that fault.
    pub(super) fn replace(self, links: usize, alike: Vec<Link>) -> Result<Vec<Settled>, LinksFaults> {
        let candidates = self.candidates();
        let mut links = links;
        let mut present: BTreeMap<LinkId, Link> = alike.into_iter().map(|link| (link.id, link)).collect();
        let settled = self.0.into_iter().zip(&candidates).map(|(draft, candidate)| {
            let shares = |link: &&Link| !LinkConflict::between(candidate, [*link]).is_none();
            let alike: Vec<_> = present.values().filter(shares).cloned().collect();
            let settled = draft.settle(OnConflict::Replace, links, &alike)?;
            match &settled {
                // A link that shares a value with a new one is a duplicate within the request.
                Settled::Create(_) => links += 1,
                Settled::Replace(link) => drop(present.insert(link.id, link.clone())),
                Settled::Leave(..) => {}
            }
            Ok(settled)
        });
        gather(settled, &candidates)
    }
}

/// Returns what becomes of each link, or all faults: those of single links, then what `candidates` share.
fn gather<T>(
    judged: impl Iterator<Item = Result<T, LinkFaults>>,
    candidates: &[Candidate],
) -> Result<Vec<T>, LinksFaults> {
    let (mut links, mut faults) = (Vec::with_capacity(candidates.len()), Vec::new());
    for link in judged {
        match link {
            Ok(link) => links.push(link),
            Err(found) => {
                for fault in found.iter().map(LinksFault::of) {
                    if fault == LinksFault::TooMany {
                        return Err(LinksFaults(vec![fault]));
                    }
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
mod tests;
