//! The faults of a link, each with a full sentence (docs/contract.md, "Link rules").

use super::{AssetPathError, Link, LinkConflict, LinkNameError, LinkUrlError};

/// One fault of a link; its `Display` is the message for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// An earlier entry of the same manifest has this id.
    #[error("Id has already been taken")]
    IdTaken,
    /// The URL is invalid on its own.
    #[error("Url {0}")]
    Url(LinkUrlError),
    /// Reported together with [`LinkUrlError::Blank`]: a blank text is not a valid URL either.
    #[error("Url must be a valid URL")]
    UrlNotOne,
    /// Another link of the release has this URL.
    #[error("Url has already been taken")]
    UrlTaken,
    /// The name is invalid on its own.
    #[error("Name {0}")]
    Name(LinkNameError),
    /// Another link of the release has this name.
    #[error("Name has already been taken")]
    NameTaken,
    /// The path is invalid on its own.
    #[error("Filepath {0}")]
    Path(AssetPathError),
    /// Another link of the release has this path.
    #[error("Filepath has already been taken")]
    PathTaken,
    /// The URL leads to a file of the project that has another digest.
    #[error("Digest does not match the file")]
    DigestOfAnother,
    /// The URL leads to a file of the project that has another size.
    #[error("Size does not match the file")]
    SizeOfAnother,
    /// The release already has the maximum number of links; reported alone.
    #[error("Links are too many (maximum is {})", Link::MAX_PER_RELEASE)]
    TooMany,
}

impl LinkFault {
    /// Returns the place of the fault's field in the contract's order.
    pub(super) const fn field(&self) -> u8 {
        match self {
            Self::IdTaken | Self::TooMany => 0,
            Self::Url(_) | Self::UrlNotOne | Self::UrlTaken => 1,
            Self::Name(_) | Self::NameTaken => 2,
            Self::Path(_) | Self::PathTaken => 3,
            Self::DigestOfAnother | Self::SizeOfAnother => 4,
        }
    }
}

/// All faults of a link, in the contract's order: URL, name, path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentences().join(", "))]
pub struct LinkFaults {
    faults: Vec<LinkFault>,
    taken: LinkConflict,
}

impl LinkFaults {
    /// Collects the faults of the three fields in order; the result may be empty.
    pub(super) fn gather(
        url: Option<&LinkUrlError>,
        name: Option<&LinkNameError>,
        path: Option<&AssetPathError>,
        taken: LinkConflict,
    ) -> Self {
        let mut faults = Vec::new();
        faults.extend(url.copied().map(LinkFault::Url));
        faults.extend((url == Some(&LinkUrlError::Blank)).then_some(LinkFault::UrlNotOne));
        faults.extend(taken.url.map(|_| LinkFault::UrlTaken));
        faults.extend(name.copied().map(LinkFault::Name));
        faults.extend(taken.name.map(|_| LinkFault::NameTaken));
        faults.extend(path.copied().map(LinkFault::Path));
        faults.extend(taken.path.map(|_| LinkFault::PathTaken));
        Self { faults, taken }
    }

    /// Returns a single fault.
    pub(super) fn of(fault: LinkFault) -> Self {
        Self { faults: vec![fault], taken: LinkConflict::NONE }
    }

    /// Returns faults that are no conflicts.
    pub(super) const fn of_all(faults: Vec<LinkFault>) -> Self {
        Self { faults, taken: LinkConflict::NONE }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Returns the faults in order.
    pub fn iter(&self) -> impl Iterator<Item = LinkFault> + '_ {
        self.faults.iter().copied()
    }

    /// Returns the links that have the values that are taken.
    #[must_use]
    pub const fn taken(&self) -> LinkConflict {
        self.taken
    }

    /// Returns the faults as sentences, in order.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.faults.iter().map(ToString::to_string).collect()
    }
}

/// The faults of a writer who lost a race for these values.
impl From<LinkConflict> for LinkFaults {
    fn from(taken: LinkConflict) -> Self {
        Self::gather(None, None, None, taken)
    }
}
