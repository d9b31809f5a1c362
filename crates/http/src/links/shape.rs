//! A link as clients see it (docs/contract.md, "Link endpoints").

use actix_web::http::header::EntityTag;
use release_links_domain::link::{AssetDigest, AssetSize, Link, LinkType};
use release_links_domain::location::{AssetAddresses, ExternalUrl};
use release_links_ports::Precondition;
use release_links_usecases::LinkShown;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::operation::shown;
use crate::reply;

/// A link as clients see it: these keys in this order, the last two only if they are known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesReleasesLink)]
pub(crate) struct LinkBody {
    /// Unique on the server, and never given out again.
    id: i64,
    name: String,
    /// Where the asset is now.
    url: String,
    /// The permanent link if the link has a path, otherwise the url.
    direct_asset_url: String,
    #[schema(schema_with = shown::<LinkType>)]
    link_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = shown::<AssetDigest>, required = false)]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = shown::<AssetSize>, required = false)]
    size: Option<i64>,
}

/// Returns the `ETag` of a link.
pub(crate) fn tag_of(link: &LinkShown, external: &ExternalUrl) -> Result<EntityTag, ApiError> {
    reply::tag_of(&LinkBody::new(link.clone(), external))
}

/// Returns the precondition of a write to a link.
pub(super) fn precondition(incoming: &Incoming) -> Precondition<LinkShown> {
    let external = incoming.service.external.clone();
    incoming.preconditions.clone().on(move |link| Some(tag_of(link, &external).ok()?.tag().to_owned()))
}

impl LinkBody {
    pub(crate) fn new(shown: LinkShown, external: &ExternalUrl) -> Self {
        Self::of(shown.link, &external.assets(&shown.project, &shown.tag))
    }

    /// Returns a link of the release whose assets have these addresses.
    pub(crate) fn of(link: Link, assets: &AssetAddresses) -> Self {
        let Link { id, fields } = link;
        let direct_asset_url = assets.direct_asset_url(&fields);
        Self {
            id: id.get(),
            name: fields.name.into(),
            url: fields.url.into(),
            direct_asset_url,
            link_type: fields.link_type.as_str(),
            digest: fields.digest.map(String::from),
            size: fields.size.map(AssetSize::bytes),
        }
    }
}
