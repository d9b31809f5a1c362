//! `PUT /groups/:id`: settings and rename.

use release_links_ports::GroupChanges;

use super::GroupBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::places;
use crate::reply::{Reply, ok};

pub(crate) async fn update(incoming: Incoming, mut fields: Fields) -> Reply {
    let name = fields.text("name");
    let name = places::name(&mut fields, name);
    let path = fields.text("path");
    let path = places::path(&mut fields, path);
    let visibility = places::visibility(&mut fields);
    let changes = fields.finish(GroupChanges { name, path, visibility });
    let caller = incoming.caller().await?;
    let group = incoming.service.groups.update(&caller, &incoming.path.id, changes).await?;
    ok(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
