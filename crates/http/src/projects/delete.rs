//! `DELETE /projects/:id`: deletes the project and everything that belongs to it.

use crate::incoming::Incoming;
use crate::provisioning::accepted;
use crate::reply::Reply;

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.projects.delete(&caller, &incoming.path.id).await?;
    accepted(&incoming)
}
