//! `PUT /projects/:id/transfer`: moves a project to another group, or to the caller's own namespace.

use super::shape::ProjectBody;
use crate::addresses::ProjectAddress;
use crate::operation::{CallerThenParameters, Present, Text, parameters};
use crate::reply::{Reply, ok};

parameters! {
    /// Where a project moves.
    pub(super) struct Transfer {
        /// The id or full path of the group or user.
        namespace: Present<Text<String>>,
    }
}

pub(super) async fn transfer(asked: CallerThenParameters<ProjectAddress, Transfer>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let target = parameters.map(|transfer| transfer.namespace);
    let project = incoming.service.projects.transfer(&caller, &address.id, target).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
