//! `DELETE /groups/:id`: deletes the group and everything below it.

use crate::incoming::Incoming;
use crate::provisioning::accepted;
use crate::reply::Reply;

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.groups.delete(&caller, &incoming.path.id).await?;
    accepted(&incoming)
}
