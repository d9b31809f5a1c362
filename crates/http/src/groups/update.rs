//! `PUT /groups/:id`: changes settings and renames.

use release_links_domain::description::ShortDescription;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::Visibility;
use release_links_ports::GroupChanges;

use super::shape::GroupBody;
use crate::addresses::GroupAddress;
use crate::operation::{CallerThenParameters, Clearable, Parsed, Word, parameters};
use crate::reply::{Reply, ok};

parameters! {
    /// The changes to a group.
    pub(super) struct GroupUpdate {
        /// The name.
        name: Parsed<DisplayName>,
        /// The last segment of the full path.
        path: Parsed<PathSegment>,
        /// What the group is for; null and the empty text clear it.
        description: Clearable<ShortDescription>,
        /// Who may see the group.
        visibility: Word<Visibility>,
    }
}

pub(super) async fn update(asked: CallerThenParameters<GroupAddress, GroupUpdate>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let changes = parameters.map(|GroupUpdate { name, path, description, visibility }| GroupChanges {
        name,
        path,
        description,
        visibility,
        ..GroupChanges::default()
    });
    let group = incoming.service.groups.update(&caller, &address.id, changes).await?;
    ok(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
