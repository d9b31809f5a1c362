//! `POST /groups/:id/transfer`: moves a group under another one, or to the top level.

use release_links_domain::GroupId;

use super::shape::GroupBody;
use crate::addresses::GroupAddress;
use crate::operation::{CallerThenParameters, Id, parameters};
use crate::reply::{Reply, created};

parameters! {
    /// Where a group moves.
    pub(super) struct Transfer {
        /// The id of the group above; without one, the group moves to the top level.
        group_id: Id<GroupId>,
    }
}

pub(super) async fn transfer(asked: CallerThenParameters<GroupAddress, Transfer>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let target = parameters.map(|transfer| transfer.group_id);
    let group = incoming.service.groups.transfer(&caller, &address.id, target).await?;
    created(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
