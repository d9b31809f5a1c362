//! `GET /projects/:id`.

use super::shape::ProjectBody;
use crate::addresses::ProjectAddress;
use crate::operation::CallerThenParameters;
use crate::reply::{Reply, ok};

pub(super) async fn get(asked: CallerThenParameters<ProjectAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let project = incoming.service.projects.get(&caller, &address.id).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
