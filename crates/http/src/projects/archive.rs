//! `POST /projects/:id/archive` and `/unarchive`: forbids and allows writes to releases.

use super::ProjectBody;
use crate::incoming::Incoming;
use crate::reply::{Reply, created};

pub(crate) async fn archive(incoming: Incoming) -> Reply {
    set(incoming, true).await
}

pub(crate) async fn unarchive(incoming: Incoming) -> Reply {
    set(incoming, false).await
}

async fn set(incoming: Incoming, archived: bool) -> Reply {
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.archive(&caller, &incoming.path.id, archived).await?;
    created(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
