//! `POST /projects/:id/archive` and `/unarchive`: forbids and allows writes to releases.

use super::shape::ProjectBody;
use crate::addresses::ProjectAddress;
use crate::operation::CallerThenParameters;
use crate::reply::{Reply, created};

pub(super) async fn archive(asked: CallerThenParameters<ProjectAddress, ()>) -> Reply {
    set(asked, true).await
}

pub(super) async fn unarchive(asked: CallerThenParameters<ProjectAddress, ()>) -> Reply {
    set(asked, false).await
}

async fn set(asked: CallerThenParameters<ProjectAddress, ()>, archived: bool) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let project = incoming.service.projects.archive(&caller, &address.id, archived).await?;
    created(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
