//! The address and the parameters of a link (docs/contract.md, "Link endpoints").

use release_links_domain::LinkId;
use release_links_domain::link::{
    AssetDigest, AssetPath, AssetSize, Change, LinkDraft, LinkName, LinkPatch, LinkType, LinkUrl, OnConflict,
};
use release_links_usecases::ReleaseAddress;

use crate::fields::Fields;
use crate::operation::{
    Changed, Checked, Clearable, Declared, OrReset, Parameter, Parameters, Parsed, Required, Text, address, parameters,
};
use crate::sorting::OneOf;

address! {
    /// A link of a release.
    pub(super) struct LinkAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The tag, with each slash encoded.
        tag_name: String,
        /// The link's id.
        link_id: Checked<LinkId>,
    }
}

impl LinkAddress {
    /// Returns the address of the release, and the id of the link in it.
    pub(super) fn parts(self) -> (ReleaseAddress, Option<LinkId>) {
        (ReleaseAddress { project: self.id, tag: self.tag_name }, self.link_id)
    }
}

parameters! {
    /// A new link, of a release that exists or of a new one.
    pub(crate) struct NewLink {
        /// The name, unique within the release.
        name: Required<Text<LinkName>>,
        /// Where the asset is: an address with the scheme http, https or ftp, unique within the release.
        url: Required<Text<LinkUrl>>,
        /// The path of the permanent link, unique within the release: a slash, then the name of a file or folders above it.
        direct_asset_path: PermanentPath,
        /// What the asset is; `other` unless it is sent.
        link_type: Parsed<LinkType>,
        /// The digest of the asset: `sha256:` or `sha512:` and hex digits.
        digest: Clearable<AssetDigest>,
        /// The size of the asset in bytes.
        size: Clearable<AssetSize>,
    }
}

parameters! {
    /// The changes to a link.
    pub(super) struct LinkUpdate at least one of name, url {
        /// The name, unique within the release.
        name: Changed<LinkName>,
        /// Where the asset is: an address with the scheme http, https or ftp, unique within the release.
        url: Changed<LinkUrl>,
        /// The path of the permanent link; null removes it.
        direct_asset_path: PermanentPath,
        /// What the asset is.
        link_type: Parsed<LinkType>,
        /// The digest of the asset: `sha256:` or `sha512:` and hex digits. Null removes it, and so does another url.
        digest: Clearable<AssetDigest>,
        /// The size of the asset in bytes. Null removes it, and so does another url.
        size: Clearable<AssetSize>,
    }
}

parameters! {
    /// The changes to any part of a link.
    pub(super) struct LinkPatchParameters {
        /// The name, unique within the release.
        name: Changed<LinkName>,
        /// Where the asset is: an address with the scheme http, https or ftp, unique within the release.
        url: Changed<LinkUrl>,
        /// The path of the permanent link; null removes it.
        direct_asset_path: PermanentPath,
        /// What the asset is; null makes it `other`.
        link_type: OrReset<Parsed<LinkType>>,
        /// The digest of the asset: `sha256:` or `sha512:` and hex digits. Null removes it, and so does another url.
        digest: Clearable<AssetDigest>,
        /// The size of the asset in bytes. Null removes it, and so does another url.
        size: Clearable<AssetSize>,
    }
}

/// A link that is sent to a release that exists.
pub(super) struct SentLink {
    pub(super) link: NewLink,
    /// What to do if a link has the name or the path; otherwise what the project says.
    pub(super) on_conflict: Option<OnConflict>,
}

type Conflict = OneOf<OnConflict>;
const ON_CONFLICT: &str = "on_conflict";

impl Parameters for SentLink {
    fn declare() -> Vec<Declared> {
        let mut declared = NewLink::declare();
        let meaning = "What to do if a link has the name or else the path: refuse, keep that link, or replace its values. If it is \
            not sent, the project's `links_on_conflict` decides.";
        Conflict::declare(ON_CONFLICT, meaning, &mut declared);
        declared
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let link = NewLink::read(fields);
        let on_conflict = Conflict::read(ON_CONFLICT, fields);
        Some(Self { link: link?, on_conflict: on_conflict? })
    }
}

impl NewLink {
    /// Returns the link as a draft, whose values are not checked yet.
    pub(crate) fn draft(self) -> LinkDraft {
        LinkDraft {
            name: self.name,
            url: self.url,
            path: self.direct_asset_path,
            link_type: self.link_type,
            digest: self.digest,
            size: self.size,
        }
    }
}

impl LinkUpdate {
    /// Returns the changes, whose values are not checked yet.
    pub(super) fn patch(self) -> LinkPatch {
        LinkPatch {
            name: self.name,
            url: self.url,
            path: self.direct_asset_path,
            link_type: self.link_type,
            digest: self.digest,
            size: self.size,
        }
    }
}

impl LinkPatchParameters {
    /// Returns the changes, whose values are not checked yet.
    pub(super) fn patch(self) -> LinkPatch {
        LinkPatch {
            name: self.name,
            url: self.url,
            path: self.direct_asset_path,
            link_type: self.link_type,
            digest: self.digest,
            size: self.size,
        }
    }
}

/// The permanent path under its own name or the deprecated one. The first wins unless it is null.
pub(crate) struct PermanentPath;

/// The deprecated name of the path.
const DEPRECATED: &str = "filepath";

impl Parameter for PermanentPath {
    type Value = Change<String>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::of::<AssetPath>(name, meaning));
        let deprecated = Declared::of::<AssetPath>(DEPRECATED, "The deprecated name of `direct_asset_path`.");
        to.push(Declared { is_deprecated: true, ..deprecated });
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Change<String>> {
        let path = fields.change(name);
        let deprecated = fields.change(DEPRECATED);
        Some(match (path, deprecated) {
            (Change::Set(path), _) | (_, Change::Set(path)) => Change::Set(path),
            (Change::Clear, _) | (_, Change::Clear) => Change::Clear,
            (Change::Keep, Change::Keep) => Change::Keep,
        })
    }
}
