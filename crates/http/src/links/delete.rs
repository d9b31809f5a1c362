//! `DELETE …/links/:link_id`: answers 200 with the deleted link, because Go clients fail on an empty body.

use super::{LinkBody, link_id};
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn delete(incoming: Incoming, mut fields: Fields) -> Reply {
    let id = link_id(&incoming, &mut fields);
    let id = fields.finish(id)?;
    let caller = incoming.caller().await?;
    let link = incoming.service.links.delete(&caller, &incoming.release_address(), id).await?;
    ok(&incoming.request, &LinkBody::new(link, &incoming.service.external))
}
