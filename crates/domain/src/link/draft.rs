//! A new link before its values are validated (docs/contract.md, "Link rules").

use super::{
    AssetDigest, AssetPath, AssetPathError, AssetSize, Candidate, Change, LinkChanges, LinkConflict, LinkFaults,
    LinkFields, LinkName, LinkNameError, LinkObstacle, LinkType, LinkUrl, LinkUrlError, limit::is_full,
};

/// The raw values of a link to create, or to change if there is one already. A missing name or URL is treated as blank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkDraft {
    /// The name as sent.
    pub name: Option<String>,
    /// The URL as sent.
    pub url: Option<String>,
    /// The permanent path as sent; an empty text is a fault, not a missing path. A new link has none unless it is set.
    pub path: Change<String>,
    /// The kind of asset, if it is sent.
    pub link_type: Option<LinkType>,
    /// The digest of the asset.
    pub digest: Change<AssetDigest>,
    /// The size of the asset.
    pub size: Change<AssetSize>,
}

impl LinkDraft {
    /// Parses every field, collecting all faults.
    #[must_use]
    pub fn parse(self) -> ParsedDraft {
        ParsedDraft {
            name: self.name.unwrap_or_default().try_into(),
            url: self.url.unwrap_or_default().try_into(),
            path: self.path.parse(),
            link_type: self.link_type,
            digest: self.digest,
            size: self.size,
        }
    }
}

/// A draft whose fields have been parsed one by one. It becomes a link once storage has reported the conflicts of its
/// valid values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedDraft {
    name: Result<LinkName, LinkNameError>,
    url: Result<LinkUrl, LinkUrlError>,
    path: Result<Change<AssetPath>, AssetPathError>,
    link_type: Option<LinkType>,
    digest: Change<AssetDigest>,
    size: Change<AssetSize>,
}

/// A valid link as a draft of itself.
impl From<LinkFields> for ParsedDraft {
    fn from(fields: LinkFields) -> Self {
        let LinkFields { name, url, path, link_type, digest, size } = fields;
        Self {
            name: Ok(name),
            url: Ok(url),
            path: Ok(path.map_or(Change::Clear, Change::Set)),
            link_type: Some(link_type),
            digest: digest.map_or(Change::Clear, Change::Set),
            size: size.map_or(Change::Clear, Change::Set),
        }
    }
}

impl ParsedDraft {
    /// Returns the values that parsed, to compare them with the other links of the release.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        Candidate {
            name: self.name.as_ref().ok().cloned(),
            url: self.url.as_ref().ok().cloned(),
            path: match &self.path {
                Ok(Change::Set(path)) => Some(path.clone()),
                _ => None,
            },
        }
    }

    /// Returns the link if every field is valid and nothing conflicts.
    ///
    /// # Errors
    /// Returns all faults at once, in the contract's order.
    pub fn accept(self, taken: LinkConflict) -> Result<LinkFields, LinkFaults> {
        let faults = self.faults(taken);
        match (self.name, self.url, self.path) {
            (Ok(name), Ok(url), Ok(path)) if faults.is_empty() => Ok(LinkFields {
                name,
                url,
                path: path.apply(None),
                link_type: self.link_type.unwrap_or_default(),
                digest: self.digest.apply(None),
                size: self.size.apply(None),
            }),
            _ => Err(faults),
        }
    }

    /// Returns what is sent as changes to a link, if every field is valid.
    ///
    /// # Errors
    /// Returns all faults at once, in the contract's order, among them those of `taken`.
    pub(super) fn changes(self, taken: LinkConflict) -> Result<LinkChanges, LinkFaults> {
        let faults = self.faults(taken);
        match (self.name, self.url, self.path) {
            (Ok(name), Ok(url), Ok(path)) => {
                let Self { link_type, digest, size, .. } = self;
                Ok(LinkChanges { name: Some(name), url: Some(url), path, link_type, digest, size })
            }
            _ => Err(faults),
        }
    }

    fn faults(&self, taken: LinkConflict) -> LinkFaults {
        LinkFaults::gather(self.url.as_ref().err(), self.name.as_ref().err(), self.path.as_ref().err(), taken)
    }

    /// Returns the link if it can be added to a release with `links` links. `links` need not count beyond
    /// [`Link::MAX_PER_RELEASE`].
    ///
    /// [`Link::MAX_PER_RELEASE`]: super::Link::MAX_PER_RELEASE
    ///
    /// # Errors
    /// As for [`accept`](Self::accept). For a full release, only the conflicts are reported, or else that there are
    /// too many links.
    pub fn accept_beside(self, links: usize, taken: LinkConflict) -> Result<LinkFields, LinkFaults> {
        match LinkObstacle::to_one_more(links, taken) {
            Some(obstacle) if is_full(links) => Err(obstacle.into()),
            _ => self.accept(taken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LinkId;

    fn holder() -> LinkId {
        7.try_into().unwrap()
    }

    fn draft(name: &str, url: &str, path: Option<&str>) -> ParsedDraft {
        LinkDraft {
            name: Some(name.into()),
            url: Some(url.into()),
            path: path.map(Into::into).map_or(Change::Keep, Change::Set),
            ..LinkDraft::default()
        }
        .parse()
    }

    fn sentences(draft: ParsedDraft, taken: LinkConflict) -> Vec<String> {
        draft.accept(taken).unwrap_err().sentences()
    }

    #[test]
    fn an_empty_draft_reports_url_before_name_and_needs_no_path() {
        assert_eq!(
            sentences(LinkDraft::default().parse(), LinkConflict::NONE),
            ["Url can't be blank", "Url must be a valid URL", "Name can't be blank"]
        );
    }

    #[test]
    fn every_fault_has_the_message_of_the_contract() {
        let long_url = format!("http://a/{}", "x".repeat(LinkUrl::MAX_BYTES));
        let long_path = format!("/{}", "x".repeat(AssetPath::MAX_CHARS));
        for (name, url, path, expected) in [
            ("a", long_url.as_str(), None, "Url is too long (maximum is 2048 characters)"),
            ("a", "file:///a", None, "Url is blocked: Only allowed schemes are http, https, ftp"),
            ("a", "http://", None, "Url is blocked: URI is invalid"),
            ("a", "http://-", None, "Url is blocked: Hostname or IP address invalid"),
            (&"x".repeat(256), "http://a", None, "Name is too long (maximum is 255 characters)"),
            ("a", "http://a", Some(long_path.as_str()), "Filepath is too long (maximum is 128 characters)"),
            ("a", "http://a", Some(""), "Filepath is in an invalid format"),
        ] {
            assert_eq!(sentences(draft(name, url, path), LinkConflict::NONE), [expected]);
        }
    }

    #[test]
    fn a_draft_with_one_invalid_field_reports_the_conflicts_of_the_others() {
        let draft = draft(" ", "http://a", Some("/abc"));
        let candidate = draft.candidate();
        assert_eq!((candidate.name, candidate.url.is_some(), candidate.path.is_some()), (None, true, true));
        assert_eq!(
            sentences(draft, LinkConflict { name: None, url: Some(holder()), path: Some(holder()) }),
            ["Url has already been taken", "Name can't be blank", "Filepath has already been taken"]
        );
    }

    #[test]
    fn all_faults_are_reported_in_the_order_url_name_path() {
        let long = draft(&"x".repeat(256), &"x".repeat(2049), Some(&"x".repeat(129)));
        assert_eq!(
            sentences(long, LinkConflict::NONE),
            [
                "Url is too long (maximum is 2048 characters)",
                "Name is too long (maximum is 255 characters)",
                "Filepath is too long (maximum is 128 characters)"
            ]
        );
        assert_eq!(
            sentences(draft("", "http://-", Some("/abc")), LinkConflict { path: Some(holder()), ..LinkConflict::NONE }),
            [
                "Url is blocked: Hostname or IP address invalid",
                "Name can't be blank",
                "Filepath has already been taken"
            ]
        );
    }

    #[test]
    fn every_conflicting_value_of_a_draft_is_reported() {
        assert_eq!(
            sentences(
                draft("a", "http://a", Some("/abc")),
                LinkConflict { name: Some(holder()), url: Some(holder()), path: Some(holder()) }
            ),
            ["Url has already been taken", "Name has already been taken", "Filepath has already been taken"]
        );
    }

    #[test]
    fn a_full_release_reports_conflicts_or_too_many_links_and_nothing_else() {
        let taken = LinkConflict { url: Some(holder()), ..LinkConflict::NONE };
        for (links, taken, expected) in [
            (999, LinkConflict::NONE, &["Name can't be blank"][..]),
            (999, taken, &["Url has already been taken", "Name can't be blank"]),
            (1_000, LinkConflict::NONE, &["Links are too many (maximum is 1000)"]),
            (1_000, taken, &["Url has already been taken"]),
        ] {
            let faults = draft(" ", "http://a", None).accept_beside(links, taken).unwrap_err();
            assert_eq!(faults.sentences(), expected, "{links}");
        }
        assert!(draft("a", "http://a", None).accept_beside(999, LinkConflict::NONE).is_ok());
        let full = draft("a", "http://a", None).accept_beside(1_000, LinkConflict::NONE).unwrap_err();
        assert_eq!(full.sentences(), ["Links are too many (maximum is 1000)"]);
    }

    #[test]
    fn a_valid_draft_becomes_the_link_it_describes() {
        let fields = draft("a", " http://a ", Some("/abc")).accept(LinkConflict::NONE).unwrap();
        assert_eq!((fields.name.as_str(), fields.url.as_str(), fields.link_type), ("a", "http://a", LinkType::Other));
        assert_eq!(fields.path.unwrap().as_str(), "/abc");
    }
}
