//! `POST /projects`: without a path, the name is one; without a namespace, it is the caller's own.

use release_links_domain::NamespaceId;
use release_links_domain::namespace::DisplayName;
use release_links_domain::project::ReleasesAccess;
use release_links_usecases::ProjectDraft;

use super::ProjectBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::places;
use crate::reply::{Reply, created};

pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    let sent = fields.text("path");
    let (name, path) = if sent.is_some() && !fields.has("name") {
        let path = places::path(&mut fields, sent);
        (path.clone().map(DisplayName::from), path)
    } else {
        let name = places::required_name(&mut fields);
        let path = sent.or_else(|| name.as_ref().map(DisplayName::suggested_path));
        let path = places::path(&mut fields, path);
        (name, path)
    };
    let namespace = fields.id::<NamespaceId>("namespace_id");
    let visibility = places::visibility(&mut fields).unwrap_or_default();
    let releases = fields.word("releases_access_level", ReleasesAccess::ALL).unwrap_or_default();
    let draft = name.zip(path).map(|(name, path)| ProjectDraft { name, path, visibility, releases });
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.create(&caller, namespace, fields.finish_whole(draft)).await?;
    created(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
