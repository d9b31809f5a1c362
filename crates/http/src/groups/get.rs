//! `GET /groups/:id`.

use super::GroupBody;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let group = incoming.service.groups.get(&caller, &incoming.path.id).await?;
    ok(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
