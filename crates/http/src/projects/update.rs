//! `PUT /projects/:id`: changes settings and renames.

use release_links_domain::project::ReleasesAccess;
use release_links_ports::ProjectChanges;

use super::ProjectBody;
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
    let releases = fields.word("releases_access_level", ReleasesAccess::ALL);
    let changes = ProjectChanges { name, path, visibility, releases, ..ProjectChanges::default() };
    let changes = fields.finish(changes);
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.update(&caller, &incoming.path.id, changes).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
