//! A release link: a name, a URL, a type, an optional permanent path, and what is known of the asset's bytes
//! (docs/contract.md, "Link endpoints", "Link rules" and "Digests").

mod asset_path;
mod checksums;
mod conflict;
mod digest;
mod draft;
mod fault;
mod immutable;
mod limit;
mod link_type;
mod manifest;
mod name;
mod of_file;
mod on_conflict;
mod patch;
mod size;
mod target;
mod url;

pub use asset_path::{AssetPath, AssetPathError};
pub use checksums::AssetNames;
pub use conflict::{Candidate, LinkConflict};
pub use digest::{AssetDigest, AssetDigestError, HashAlgorithm};
pub use draft::{LinkDraft, ParsedDraft};
pub use fault::{LinkFault, LinkFaults};
pub use limit::LinkObstacle;
pub use link_type::{LinkType, LinkTypeError};
pub use manifest::{Manifest, ManifestFaults, Plan, PlannedLink, PlannedNames};
pub use name::{LinkName, LinkNameError};
pub use on_conflict::{OnConflict, Outcome, Settled};
pub use patch::{Change, LinkChanges, LinkPatch, NothingToUpdate, ParsedPatch};
pub use size::{AssetSize, AssetSizeError};
pub(crate) use target::encode_where_invalid;
pub use url::{LinkUrl, LinkUrlError};

use crate::LinkId;

/// The validated fields of a link, without its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LinkFields {
    /// Unique within the release.
    pub name: LinkName,
    /// Where the asset is now; unique within the release.
    pub url: LinkUrl,
    /// The permanent path, if any; unique within the release.
    pub path: Option<AssetPath>,
    /// The kind of asset.
    pub link_type: LinkType,
    /// The digest of the asset, if it is known.
    pub digest: Option<AssetDigest>,
    /// The size of the asset, if it is known.
    pub size: Option<AssetSize>,
}

impl LinkFields {
    /// The maximum size of a link's texts in bytes. Links from an older version may be larger.
    pub const MAX_TEXT_BYTES: usize =
        4 * LinkName::MAX_CHARS + LinkUrl::MAX_BYTES + 4 * AssetPath::MAX_CHARS + AssetDigest::MAX_BYTES;

    /// Returns the size of the link's texts in bytes.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        let Self { name, url, path, link_type: _, digest, size: _ } = self;
        name.as_str().len()
            + url.as_str().len()
            + path.as_ref().map_or(0, |path| path.as_str().len())
            + digest.as_ref().map_or(0, |digest| digest.as_str().len())
    }
}

/// A link as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Link {
    /// Assigned by storage and never reused.
    pub id: LinkId,
    /// All other fields.
    pub fields: LinkFields,
}
