//! All links of a release as clients see them (docs/contract.md, "Manifests").

use std::collections::BTreeSet;

use release_links_domain::LinkId;
use release_links_domain::link::{AssetSize, Link, LinkFields, LinkName, LinkType, Plan};
use serde::Serialize;
use utoipa::ToSchema;

use crate::operation::shown;

/// A link in a manifest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManifestLink {
    /// Null for a link that a dry run would create.
    id: Option<i64>,
    name: String,
    url: String,
    direct_asset_path: Option<String>,
    #[schema(schema_with = shown::<LinkType>)]
    link_type: &'static str,
    digest: Option<String>,
    size: Option<i64>,
}

/// All links of a release, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManifestBody {
    links: Vec<ManifestLink>,
}

/// The names of links, by what a manifest makes of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManifestChanges {
    created: Vec<String>,
    updated: Vec<String>,
    deleted: Vec<String>,
    unchanged: Vec<String>,
}

/// What became of a manifest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedBody {
    changes: ManifestChanges,
    dry_run: bool,
    links: Vec<ManifestLink>,
}

impl ManifestLink {
    fn new(id: Option<LinkId>, fields: LinkFields) -> Self {
        Self {
            id: id.map(LinkId::get),
            name: fields.name.into(),
            url: fields.url.into(),
            direct_asset_path: fields.path.map(|path| path.as_str().to_owned()),
            link_type: fields.link_type.as_str(),
            digest: fields.digest.map(String::from),
            size: fields.size.map(AssetSize::bytes),
        }
    }
}

impl ManifestBody {
    pub(super) fn new(links: &[Link]) -> Self {
        Self { links: links.iter().cloned().map(|link| ManifestLink::new(Some(link.id), link.fields)).collect() }
    }
}

impl AppliedBody {
    pub(super) fn new(plan: Plan, dry_run: bool) -> Self {
        let names = plan.names();
        let listed = |names: BTreeSet<LinkName>| names.into_iter().map(String::from).collect();
        let changes = ManifestChanges {
            created: listed(names.created),
            updated: listed(names.updated),
            deleted: listed(names.deleted),
            unchanged: listed(names.unchanged),
        };
        let links = plan.links.into_iter().map(|link| ManifestLink::new(link.id, link.fields)).collect();
        Self { changes, dry_run, links }
    }
}
