//! What is wrong with a link, each fault a full sentence (docs/contract.md, "Link rules").

use super::{AssetPathError, Link, LinkConflict, LinkNameError, LinkUrlError};

/// One thing wrong with a link; its `Display` is the sentence that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// The URL breaks a rule of its own.
    #[error("Url {0}")]
    Url(LinkUrlError),
    /// Said beside [`LinkUrlError::Blank`]: what is blank is no URL either.
    #[error("Url must be a valid URL")]
    UrlNotOne,
    /// Another link of the release has this URL.
    #[error("Url has already been taken")]
    UrlTaken,
    /// The name breaks a rule of its own.
    #[error("Name {0}")]
    Name(LinkNameError),
    /// Another link of the release has this name.
    #[error("Name has already been taken")]
    NameTaken,
    /// The path breaks a rule of its own.
    #[error("Filepath {0}")]
    Path(AssetPathError),
    /// Another link of the release has this path.
    #[error("Filepath has already been taken")]
    PathTaken,
    /// The release holds as many links as it may; said alone.
    #[error("Links are too many (maximum is {})", Link::MAX_PER_RELEASE)]
    TooMany,
}

/// Everything wrong with a link, in the contract's order: url, name, path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentences().join(", "))]
pub struct LinkFaults(Vec<LinkFault>);

impl LinkFaults {
    /// Gathers the faults of the three fields in order; there may be none.
    pub(super) fn gather(
        url: Option<&LinkUrlError>,
        name: Option<&LinkNameError>,
        path: Option<&AssetPathError>,
        taken: LinkConflict,
    ) -> Self {
        let mut faults = Vec::new();
        faults.extend(url.copied().map(LinkFault::Url));
        faults.extend((url == Some(&LinkUrlError::Blank)).then_some(LinkFault::UrlNotOne));
        faults.extend(taken.url.then_some(LinkFault::UrlTaken));
        faults.extend(name.copied().map(LinkFault::Name));
        faults.extend(taken.name.then_some(LinkFault::NameTaken));
        faults.extend(path.copied().map(LinkFault::Path));
        faults.extend(taken.path.then_some(LinkFault::PathTaken));
        Self(faults)
    }

    /// One fault alone.
    pub(super) fn of(fault: LinkFault) -> Self {
        Self(vec![fault])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults in order.
    pub fn iter(&self) -> impl Iterator<Item = LinkFault> + '_ {
        self.0.iter().copied()
    }

    /// The faults as sentences, in order.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// What a writer is told who lost a race for the values that are taken.
impl From<LinkConflict> for LinkFaults {
    fn from(taken: LinkConflict) -> Self {
        Self::gather(None, None, None, taken)
    }
}
