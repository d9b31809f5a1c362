//! `POST /projects`: without a path, the name is one; without a namespace, it is the caller's own.

use release_links_domain::NamespaceId;
use release_links_domain::project::{ReleasesAccess, Visibility};
use release_links_usecases::ProjectDraft;

use super::ProjectBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::places;
use crate::reply::{Reply, created};

pub(crate) async fn create(incoming: Incoming) -> Reply {
    let mut fields = Fields::of(&incoming.params);
    let path = fields.text("path");
    let name = match &path {
        Some(path) if !fields.has("name") => Some(path.clone()),
        _ => places::required_name(&mut fields),
    };
    let path = path.or_else(|| name.as_ref().map(|name| name.trim().replace(' ', "-")));
    let path = places::path(&mut fields, path);
    let namespace = fields.id::<NamespaceId>("namespace_id");
    let visibility = places::visibility(&mut fields).unwrap_or(Visibility::Private);
    let releases = fields.word("releases_access_level", ReleasesAccess::ALL).unwrap_or(ReleasesAccess::Enabled);
    let draft = name.zip(path).map(|(name, path)| ProjectDraft { name, path, visibility, releases });
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.create(&caller, namespace, fields.finish_whole(draft)).await?;
    created(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
