//! `GET …/links/:link_id`: one link.

use super::{LinkBody, link_id};
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn get(incoming: Incoming, mut fields: Fields) -> Reply {
    let id = link_id(&incoming, &mut fields);
    let id = fields.finish(id)?;
    let caller = incoming.caller().await?;
    let link = incoming.service.links.get(&caller, &incoming.release_address(), id).await?;
    ok(&incoming.request, &LinkBody::new(link, &incoming.service.external))
}
