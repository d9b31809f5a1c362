//! `PUT /groups/:id`: changes settings and renames.

use release_links_ports::GroupChanges;

use super::GroupBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::provisioning;
use crate::reply::{Reply, ok};

pub(crate) async fn update(incoming: Incoming, mut fields: Fields) -> Reply {
    let name = fields.text("name");
    let name = provisioning::name(&mut fields, name);
    let path = fields.text("path");
    let path = provisioning::path(&mut fields, path);
    let visibility = provisioning::visibility(&mut fields);
    let changes = fields.finish(GroupChanges { name, path, visibility });
    let caller = incoming.caller().await?;
    let group = incoming.service.groups.update(&caller, &incoming.path.id, changes).await?;
    ok(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
