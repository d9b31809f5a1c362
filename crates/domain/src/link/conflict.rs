//! Uniqueness within a release (docs/contract.md, "Link rules"): one pure function, asked by every storage adapter.

use super::{AssetPath, LinkFields, LinkName, LinkUrl};

/// The values that a new or changed link would bring into a release; `None` where it brings none, or none that parsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// The name it would have.
    pub name: Option<LinkName>,
    /// The URL it would have.
    pub url: Option<LinkUrl>,
    /// The path it would have.
    pub path: Option<AssetPath>,
}

impl From<&LinkFields> for Candidate {
    fn from(fields: &LinkFields) -> Self {
        Self { name: Some(fields.name.clone()), url: Some(fields.url.clone()), path: fields.path.clone() }
    }
}

/// Which of a candidate's values another link of the same release holds already.
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
    /// The name is taken.
    pub name: bool,
    /// The URL is taken.
    pub url: bool,
    /// The path is taken.
    pub path: bool,
}

impl LinkConflict {
    /// Nothing is taken.
    pub const NONE: Self = Self { name: false, url: false, path: false };

    /// Compares a candidate with the other links of its release, byte for byte. Links that share no value with it may
    /// be left out; the link that is being changed must be.
    #[must_use]
    pub fn between<'a>(candidate: &Candidate, others: impl IntoIterator<Item = &'a LinkFields>) -> Self {
        others.into_iter().fold(Self::NONE, |found, other| Self {
            name: found.name || candidate.name.as_ref() == Some(&other.name),
            url: found.url || candidate.url.as_ref() == Some(&other.url),
            path: found.path || (candidate.path.is_some() && candidate.path == other.path),
        })
    }

    /// Whether the candidate's values are all free.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkType;

    fn link(name: &str, url: &str, path: Option<&str>) -> LinkFields {
        LinkFields {
            name: name.parse().unwrap(),
            url: url.parse().unwrap(),
            path: path.map(|p| p.parse().unwrap()),
            link_type: LinkType::Other,
        }
    }

    #[test]
    fn each_value_is_compared_with_every_other_link() {
        let others = [link("a", "http://a", Some("/aaa")), link("b", "http://b", None)];
        let candidate = Candidate::from(&link("b", "http://a", Some("/aaa")));
        assert_eq!(LinkConflict::between(&candidate, &others), LinkConflict { name: true, url: true, path: true });
    }

    #[test]
    fn values_differing_in_one_byte_are_free() {
        let others = [link("a", "http://a", Some("/aaa"))];
        let candidate = Candidate::from(&link("A", "http://a/", Some("/aaA")));
        assert!(LinkConflict::between(&candidate, &others).is_none());
    }

    #[test]
    fn two_links_without_a_path_do_not_collide_in_it() {
        let others = [link("a", "http://a", None)];
        let candidate = Candidate::from(&link("b", "http://b", None));
        assert!(LinkConflict::between(&candidate, &others).is_none());
    }

    #[test]
    fn a_value_that_did_not_parse_collides_with_nothing() {
        let others = [link("a", "http://a", Some("/aaa"))];
        assert!(LinkConflict::between(&Candidate::default(), &others).is_none());
    }
}
