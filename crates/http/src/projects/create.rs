//! `POST /projects`: the path is derived from the name if absent, and the namespace defaults to the caller's own.

use release_links_domain::NamespaceId;
use release_links_domain::namespace::DisplayName;
use release_links_domain::project::ReleasesAccess;
use release_links_usecases::ProjectDraft;

use super::ProjectBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::provisioning;
use crate::reply::{Reply, created};

pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    let sent = fields.text("path");
    let (name, path) = if sent.is_some() && !fields.has("name") {
        let path = provisioning::path(&mut fields, sent);
        (path.clone().map(DisplayName::from), path)
    } else {
        let name = provisioning::required_name(&mut fields);
        let path = sent.or_else(|| name.as_ref().map(DisplayName::suggested_path));
        let path = provisioning::path(&mut fields, path);
        (name, path)
    };
    let namespace = fields.id::<NamespaceId>("namespace_id");
    let visibility = provisioning::visibility(&mut fields).unwrap_or_default();
    let releases = fields.word("releases_access_level", ReleasesAccess::ALL).unwrap_or_default();
    let draft = name.zip(path).map(|(name, path)| ProjectDraft { name, path, visibility, releases });
    let caller = incoming.caller().await?;
    let project = incoming.service.projects.create(&caller, namespace, fields.finish_whole(draft)).await?;
    created(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
