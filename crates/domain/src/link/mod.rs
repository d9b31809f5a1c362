//! A release link: a name, a URL, a type and an optional permanent path (docs/contract.md, "Link endpoints" and "Link rules").

mod asset_path;
mod conflict;
mod draft;
mod fault;
mod link_type;
mod name;
mod patch;
mod room;
mod target;
mod url;

pub use asset_path::{AssetPath, AssetPathError};
pub use conflict::{Candidate, LinkConflict};
pub use draft::{LinkDraft, ParsedDraft};
pub use fault::{LinkFault, LinkFaults};
pub use link_type::{LinkType, LinkTypeError};
pub use name::{LinkName, LinkNameError};
pub use patch::{Change, LinkChanges, LinkPatch, NothingToUpdate, ParsedPatch};
pub use room::LinkObstacle;
pub(crate) use target::encode_where_invalid;
pub use url::{LinkUrl, LinkUrlError};

use crate::LinkId;

/// What a link holds, apart from its id: the valid outcome of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LinkFields {
    /// Unique within the release.
    pub name: LinkName,
    /// Where the asset is now; unique within the release.
    pub url: LinkUrl,
    /// The permanent path, unique within the release, when there is one.
    pub path: Option<AssetPath>,
    /// What kind of asset it is.
    pub link_type: LinkType,
}

impl LinkFields {
    /// The most bytes of text that a link can hold today; an older version took more.
    pub const MAX_TEXT_BYTES: usize = 4 * LinkName::MAX_CHARS + LinkUrl::MAX_BYTES + 4 * AssetPath::MAX_CHARS;

    /// How many bytes of text it holds.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.name.as_str().len() + self.url.as_str().len() + self.path.as_ref().map_or(0, |path| path.as_str().len())
    }
}

/// A link as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Link {
    /// Given out once, by storage.
    pub id: LinkId,
    /// Everything else.
    pub fields: LinkFields,
}
