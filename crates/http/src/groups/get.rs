//! `GET /groups/:id`.

use super::shape::GroupBody;
use crate::addresses::GroupAddress;
use crate::operation::CallerThenParameters;
use crate::reply::{Reply, ok};

pub(super) async fn get(asked: CallerThenParameters<GroupAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let group = incoming.service.groups.get(&caller, &address.id).await?;
    ok(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
