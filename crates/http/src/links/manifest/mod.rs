//! `GET` and `PUT …/assets/manifest`: all links of a release at once (docs/contract.md, "Manifests").

mod parameters;
mod shape;

use actix_web::http::header::EntityTag;
use release_links_domain::link::{Link, LinkFields};

use self::parameters::PutManifest;
pub(super) use self::shape::{AppliedBody, ManifestBody};
use crate::addresses::TagAddress;
use crate::error::ApiError;
use crate::large;
use crate::operation::ParametersThenCaller;
use crate::reply::{self, Reply};

/// Returns the `ETag` of all links of a release.
pub(crate) fn tag_of_all(links: &[Link]) -> Result<EntityTag, ApiError> {
    reply::tag_of(&ManifestBody::new(links))
}

/// About the length of links in JSON: a character takes up to six bytes, and a link also has keys.
fn length<'a>(links: impl Iterator<Item = &'a LinkFields>) -> usize {
    links.map(|fields| 6 * fields.text_bytes() + 256).sum()
}

pub(super) async fn get(asked: ParametersThenCaller<TagAddress, ()>) -> Reply {
    let ParametersThenCaller { incoming, address, caller, .. } = asked;
    let _serialising = large::serialising(&incoming.request).await?;
    let links = incoming.service.manifests.get(&caller, &address.release()).await?;
    let length = length(links.iter().map(|link| &link.fields));
    reply::large(&incoming.request, reply::OK, length, move || ManifestBody::new(&links)).await
}

pub(super) async fn put(PutManifest { asked, dry_run }: PutManifest) -> Reply {
    let ParametersThenCaller { incoming, address, parameters: manifest, caller } = asked;
    let precondition =
        incoming.preconditions.clone().on(|links: &Vec<Link>| Some(tag_of_all(links).ok()?.tag().to_owned()));
    let _writing = large::writing(&incoming.request).await?;
    let applied = incoming.service.manifests.put(&caller, &address.release(), manifest, dry_run, precondition).await?;
    let _serialising = large::serialising(&incoming.request).await?;
    let length = length(applied.plan.links.iter().map(|link| &link.fields));
    let shape = move || (ManifestBody::new(&applied.now), AppliedBody::new(applied.plan, dry_run));
    reply::large_about(&incoming.request, length, shape).await
}
