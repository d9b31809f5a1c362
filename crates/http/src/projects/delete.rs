//! `DELETE /projects/:id`: the project with all that belongs to it.

use crate::incoming::Incoming;
use crate::places::accepted;
use crate::reply::Reply;

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    incoming.service.projects.delete(&caller, &incoming.path.id).await?;
    accepted(&incoming)
}
