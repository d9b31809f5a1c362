//! `DELETE /groups/:id`: the group with everything below it.

use crate::incoming::Incoming;
use crate::places::accepted;
use crate::reply::Reply;

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.groups.delete(&caller, &incoming.path.id).await?;
    accepted(&incoming)
}
