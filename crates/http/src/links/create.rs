//! `POST …/links`: creates a link.

use super::{LinkBody, draft};
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, created};

pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    let draft = draft(&mut fields);
    let draft = fields.finish(draft)?;
    let caller = incoming.caller().await?;
    let link = incoming.service.links.create(&caller, &incoming.release_address(), draft).await?;
    created(&incoming.request, &LinkBody::new(link, &incoming.service.external))
}
