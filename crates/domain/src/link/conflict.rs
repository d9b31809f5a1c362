//! Uniqueness within a release (docs/contract.md, "Link rules"): one pure function that every storage adapter calls.

use super::{AssetPath, Link, LinkFields, LinkName, LinkUrl};
use crate::LinkId;

/// The values of a new or changed link that must be unique. A field is `None` if it is not set, or did not parse.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// The new name.
    pub name: Option<LinkName>,
    /// The new URL.
    pub url: Option<LinkUrl>,
    /// The new path.
    pub path: Option<AssetPath>,
}

impl From<&LinkFields> for Candidate {
    fn from(fields: &LinkFields) -> Self {
        Self { name: Some(fields.name.clone()), url: Some(fields.url.clone()), path: fields.path.clone() }
    }
}

/// The links of the same release that already have values of a candidate.
///
/// ```
/// use release_links_domain::link::{Candidate, LinkConflict};
///
/// let candidate = Candidate { name: Some("hello".parse()?), ..Candidate::default() };
/// assert!(LinkConflict::between(&candidate, []).is_none());
/// # Ok::<(), release_links_domain::link::LinkNameError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkConflict {
    /// The link that has the name.
    pub name: Option<LinkId>,
    /// The link that has the URL.
    pub url: Option<LinkId>,
    /// The link that has the path.
    pub path: Option<LinkId>,
}

impl LinkConflict {
    /// No conflict.
    pub const NONE: Self = Self { name: None, url: None, path: None };

    /// Compares a candidate with the other links of its release, byte for byte. `others` may omit links that share no
    /// value with it, and must omit the link that is being changed.
    #[must_use]
    pub fn between<'a>(candidate: &Candidate, others: impl IntoIterator<Item = &'a Link>) -> Self {
        others.into_iter().fold(Self::NONE, |found, Link { id, fields }| {
            let holds = |same: bool| same.then_some(*id);
            Self {
                name: found.name.or(holds(candidate.name.as_ref() == Some(&fields.name))),
                url: found.url.or(holds(candidate.url.as_ref() == Some(&fields.url))),
                path: found.path.or(holds(candidate.path.is_some() && candidate.path == fields.path)),
            }
        })
    }

    /// Whether there is no conflict.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Change, LinkDraft};

    fn link(name: &str, url: &str, path: Option<&str>) -> LinkFields {
        let (name, url) = (Some(name.into()), Some(url.into()));
        let path = path.map(Into::into).map_or(Change::Keep, Change::Set);
        LinkDraft { name, url, path, ..LinkDraft::default() }.parse().accept(LinkConflict::NONE).unwrap()
    }

    fn id(number: i64) -> LinkId {
        number.try_into().unwrap()
    }

    /// Numbers links from 1.
    fn numbered<const N: usize>(links: [LinkFields; N]) -> Vec<Link> {
        (1..).zip(links).map(|(number, fields)| Link { id: id(number), fields }).collect()
    }

    #[test]
    fn each_value_is_compared_with_every_other_link() {
        let others = numbered([link("a", "http://a", Some("/aaa")), link("b", "http://b", None)]);
        let candidate = Candidate::from(&link("b", "http://a", Some("/aaa")));
        let expected = LinkConflict { name: Some(id(2)), url: Some(id(1)), path: Some(id(1)) };
        assert_eq!(LinkConflict::between(&candidate, &others), expected);
    }

    #[test]
    fn values_that_differ_in_one_byte_do_not_conflict() {
        let others = numbered([link("a", "http://a", Some("/aaa"))]);
        let candidate = Candidate::from(&link("A", "http://a/", Some("/aaA")));
        assert!(LinkConflict::between(&candidate, &others).is_none());
    }

    #[test]
    fn two_links_without_a_path_do_not_conflict() {
        let others = numbered([link("a", "http://a", None)]);
        let candidate = Candidate::from(&link("b", "http://b", None));
        assert!(LinkConflict::between(&candidate, &others).is_none());
    }

    #[test]
    fn a_value_that_did_not_parse_conflicts_with_nothing() {
        let others = numbered([link("a", "http://a", Some("/aaa"))]);
        assert!(LinkConflict::between(&Candidate::default(), &others).is_none());
    }
}
