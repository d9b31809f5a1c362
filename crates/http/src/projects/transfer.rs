//! `PUT /projects/:id/transfer`: moves a project to another group, or to the caller's own namespace.

use super::ProjectBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn transfer(incoming: Incoming, mut fields: Fields) -> Reply {
    let target = fields.present_text("namespace");
    let target = fields.finish_whole(target);
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.transfer(&caller, &incoming.path.id, target).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
