//! `DELETE /projects/:id`: deletes the project and everything that belongs to it.

use crate::addresses::ProjectAddress;
use crate::operation::CallerThenParameters;
use crate::reply::{Reply, accepted};

pub(super) async fn delete(asked: CallerThenParameters<ProjectAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.projects.delete(&caller, &address.id).await?;
    accepted(&incoming.request)
}
