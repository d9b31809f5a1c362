//! A change to a link, which distinguishes absent fields, null and values
//! (docs/contract.md, "Link endpoints", "Parameter errors", "Link rules" and "Digests").

use super::{
    AssetDigest, AssetPath, AssetPathError, AssetSize, Candidate, LinkConflict, LinkFaults, LinkFields, LinkName,
    LinkNameError, LinkType, LinkUrl, LinkUrlError,
};

/// The change of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field is absent and keeps its value.
    #[default]
    Keep,
    /// The field is null and is cleared.
    Clear,
    /// The field gets a new value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field keeps its value.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Parses the new value, if there is one.
    ///
    /// # Errors
    /// The parser's error.
    pub fn parse<P: TryFrom<T>>(self) -> Result<Change<P>, P::Error> {
        match self {
            Self::Keep => Ok(Change::Keep),
            Self::Clear => Ok(Change::Clear),
            Self::Set(value) => value.try_into().map(Change::Set),
        }
    }

    /// Returns the value of the field after the change.
    #[must_use]
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether the change gives the field another value.
    #[must_use]
    pub fn alters(&self, current: Option<&T>) -> bool
    where
        T: PartialEq,
    {
        match self {
            Self::Keep => false,
            Self::Clear => current.is_some(),
            Self::Set(value) => current != Some(value),
        }
    }
}

/// The raw changes to a link. What an update does not name stays as it is.
///
/// ```
/// use release_links_domain::link::{Change, LinkPatch, NothingToUpdate};
///
/// let only_the_path = LinkPatch { path: Change::Clear, ..LinkPatch::default() };
/// assert_eq!(only_the_path.parse(), Err(NothingToUpdate));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkPatch {
    /// The name as sent; it must not be cleared.
    pub name: Change<String>,
    /// The URL as sent; it must not be cleared.
    pub url: Change<String>,
    /// The permanent path as sent.
    pub path: Change<String>,
    /// The new type, if it changes.
    pub link_type: Option<LinkType>,
    /// The change of the digest.
    pub digest: Change<AssetDigest>,
    /// The change of the size.
    pub size: Change<AssetSize>,
}

/// The update contains neither `name` nor `url`; at least one is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither a name nor a URL is given")]
pub struct NothingToUpdate;

impl LinkPatch {
    /// Parses the fields that change, collecting all faults.
    ///
    /// # Errors
    /// Returns [`NothingToUpdate`] if both name and URL are absent.
    pub fn parse(self) -> Result<ParsedPatch, NothingToUpdate> {
        if self.name.is_keep() && self.url.is_keep() {
            return Err(NothingToUpdate);
        }
        Ok(self.parse_any())
    }

    /// Parses the fields that change, whichever they are, collecting all faults.
    #[must_use]
    pub fn parse_any(self) -> ParsedPatch {
        ParsedPatch {
            name: required(self.name).map(TryInto::try_into).transpose(),
            url: required(self.url).map(TryInto::try_into).transpose(),
            path: self.path.parse(),
            link_type: self.link_type,
            digest: self.digest,
            size: self.size,
        }
    }
}

/// Maps clearing a required field to an empty text, which its parser rejects as blank.
fn required(change: Change<String>) -> Option<String> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(String::new()),
        Change::Set(raw) => Some(raw),
    }
}

/// A patch whose fields have been parsed one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedPatch {
    name: Result<Option<LinkName>, LinkNameError>,
    url: Result<Option<LinkUrl>, LinkUrlError>,
    path: Result<Change<AssetPath>, AssetPathError>,
    link_type: Option<LinkType>,
    digest: Change<AssetDigest>,
    size: Change<AssetSize>,
}

impl ParsedPatch {
    /// Returns the new values that parsed, to compare them with the other links of the release.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        Candidate {
            name: self.name.as_ref().ok().cloned().flatten(),
            url: self.url.as_ref().ok().cloned().flatten(),
            path: match &self.path {
                Ok(Change::Set(path)) => Some(path.clone()),
                _ => None,
            },
        }
    }

    /// Returns the changes if every new value is valid and nothing conflicts.
    ///
    /// # Errors
    /// Returns all faults at once, in the contract's order.
    pub fn accept(self, taken: LinkConflict) -> Result<LinkChanges, LinkFaults> {
        let faults =
            LinkFaults::gather(self.url.as_ref().err(), self.name.as_ref().err(), self.path.as_ref().err(), taken);
        match (self.name, self.url, self.path) {
            (Ok(name), Ok(url), Ok(path)) if faults.is_empty() => {
                let Self { link_type, digest, size, .. } = self;
                Ok(LinkChanges { name, url, path, link_type, digest, size })
            }
            _ => Err(faults),
        }
    }
}

/// Validated changes to a link; storage applies them to the row as it is at the time of the write. By default, nothing
/// changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkChanges {
    /// The new name, if it changes.
    pub name: Option<LinkName>,
    /// The new URL, if it changes.
    pub url: Option<LinkUrl>,
    /// The change of the path.
    pub path: Change<AssetPath>,
    /// The new type, if it changes.
    pub link_type: Option<LinkType>,
    /// The change of the digest.
    pub digest: Change<AssetDigest>,
    /// The change of the size.
    pub size: Change<AssetSize>,
}

impl LinkChanges {
    /// Returns the link's fields with these changes applied. A new URL leads to other bytes, so it clears the digest and
    /// the size, each unless it is set along.
    #[must_use]
    pub fn apply(self, current: LinkFields) -> LinkFields {
        let leads_elsewhere = self.url.as_ref().is_some_and(|url| *url != current.url);
        LinkFields {
            name: self.name.unwrap_or(current.name),
            url: self.url.unwrap_or(current.url),
            path: self.path.apply(current.path),
            link_type: self.link_type.unwrap_or(current.link_type),
            digest: self.digest.apply(current.digest.filter(|_| !leads_elsewhere)),
            size: self.size.apply(current.size.filter(|_| !leads_elsewhere)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkDraft;

    fn current() -> LinkFields {
        let (name, url, path) = (Some("a".into()), Some("http://a".into()), set("/abc"));
        let draft = LinkDraft { name, url, path, ..LinkDraft::default() };
        LinkFields { link_type: LinkType::Image, ..draft.parse().accept(LinkConflict::NONE).unwrap() }
    }

    fn set(text: &str) -> Change<String> {
        Change::Set(text.into())
    }

    #[test]
    fn an_update_needs_a_name_or_a_url() {
        let neither = LinkPatch { path: set("/xyz"), link_type: Some(LinkType::Package), ..LinkPatch::default() };
        assert_eq!(neither.parse(), Err(NothingToUpdate));
        assert!(LinkPatch { name: set("b"), ..LinkPatch::default() }.parse().is_ok());
        assert!(LinkPatch { url: Change::Clear, ..LinkPatch::default() }.parse().is_ok());
    }

    #[test]
    fn a_patch_changes_only_the_fields_it_names() {
        let changed = |patch: LinkPatch| patch.parse().unwrap().accept(LinkConflict::NONE).unwrap().apply(current());
        let renamed = changed(LinkPatch { name: set("b"), ..LinkPatch::default() });
        assert_eq!(renamed, LinkFields { name: "b".to_owned().try_into().unwrap(), ..current() });
        let retyped = LinkPatch { name: set("a"), link_type: Some(LinkType::Package), ..LinkPatch::default() };
        assert_eq!(changed(retyped), LinkFields { link_type: LinkType::Package, ..current() });
    }

    #[test]
    fn a_patch_may_name_any_field_or_none() {
        let changed = |patch: LinkPatch| patch.parse_any().accept(LinkConflict::NONE).unwrap().apply(current());
        assert_eq!(changed(LinkPatch::default()), current());
        let retyped = LinkPatch { link_type: Some(LinkType::Other), ..LinkPatch::default() };
        assert_eq!(changed(retyped), LinkFields { link_type: LinkType::Other, ..current() });
        let moved = LinkPatch { path: set("/xyz"), ..LinkPatch::default() };
        assert_eq!(changed(moved).path.unwrap().as_str(), "/xyz");
    }

    #[test]
    fn a_patch_with_a_null_path_clears_it() {
        let patch = LinkPatch { name: set("a"), path: Change::Clear, ..LinkPatch::default() }.parse().unwrap();
        assert_eq!(patch.accept(LinkConflict::NONE).unwrap().apply(current()).path, None);
    }

    #[test]
    fn a_url_that_changes_clears_the_digest_and_the_size_unless_they_are_sent_along() {
        let digest = |digit: &str| format!("sha256:{}", digit.repeat(64)).parse::<AssetDigest>().unwrap();
        let size = |bytes: i64| AssetSize::try_from(bytes).unwrap();
        let current = LinkFields { digest: Some(digest("a")), size: Some(size(1)), ..current() };
        for (url, set_digest, set_size, expected) in [
            (set("http://b"), Change::Keep, Change::Keep, (None, None)),
            (set("http://b"), Change::Set(digest("b")), Change::Keep, (Some(digest("b")), None)),
            (set("http://b"), Change::Keep, Change::Set(size(2)), (None, Some(size(2)))),
            (set("http://b"), Change::Set(digest("a")), Change::Clear, (Some(digest("a")), None)),
            (set(" http://a "), Change::Keep, Change::Keep, (Some(digest("a")), Some(size(1)))),
            (set("http://a"), Change::Clear, Change::Set(size(3)), (None, Some(size(3)))),
            (Change::Keep, Change::Keep, Change::Clear, (Some(digest("a")), None)),
        ] {
            let patch = LinkPatch { name: set("a"), url, digest: set_digest, size: set_size, ..LinkPatch::default() };
            let changed = patch.clone().parse().unwrap().accept(LinkConflict::NONE).unwrap().apply(current.clone());
            assert_eq!((changed.digest, changed.size), expected, "{patch:?}");
        }
    }

    #[test]
    fn a_null_name_or_url_in_a_patch_is_blank() {
        let patch = LinkPatch { name: Change::Clear, url: Change::Clear, path: set(""), ..LinkPatch::default() }
            .parse()
            .unwrap();
        assert_eq!(patch.candidate(), Candidate::default());
        assert_eq!(
            patch.accept(LinkConflict::NONE).unwrap_err().sentences(),
            [
                "Url can't be blank",
                "Url must be a valid URL",
                "Name can't be blank",
                "Filepath is in an invalid format"
            ]
        );
    }
}
