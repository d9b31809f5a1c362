//! `PUT …/links/:link_id`: changes a link.

use release_links_domain::link::{LinkPatch, NothingToUpdate};

use super::{LinkBody, link_id, link_type, path};
use crate::error::ApiError;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

/// The fault of a change that names neither `name` nor `url`.
const NEITHER: &str = "name, url are missing, at least one parameter must be provided";

pub(crate) async fn update(incoming: Incoming, mut fields: Fields) -> Reply {
    let id = link_id(&incoming, &mut fields);
    let patch = LinkPatch {
        name: fields.change("name"),
        url: fields.change("url"),
        path: path(&mut fields),
        link_type: link_type(&mut fields),
    };
    let has_either = fields.has("name") || fields.has("url");
    let patch = patch.parse();
    if patch == Err(NothingToUpdate) && !has_either {
        fields.fault_of_all(NEITHER);
    }
    let patch = fields.finish(patch)?.map_err(|NothingToUpdate| ApiError::Parameters(vec![NEITHER.to_owned()]))?;
    let caller = incoming.caller().await?;
    let link = incoming.service.links.update(&caller, &incoming.release_address(), id, patch).await?;
    ok(&incoming.request, &LinkBody::new(link, &incoming.service.external))
}
