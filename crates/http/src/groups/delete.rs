//! `DELETE /groups/:id`: deletes the group and everything below it.

use crate::addresses::GroupAddress;
use crate::operation::CallerThenParameters;
use crate::reply::{Reply, accepted};

pub(super) async fn delete(asked: CallerThenParameters<GroupAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.groups.delete(&caller, &address.id).await?;
    accepted(&incoming.request)
}
