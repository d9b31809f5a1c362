//! `GET /projects/:id`.

use super::ProjectBody;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.get(&caller, &incoming.path.id).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
