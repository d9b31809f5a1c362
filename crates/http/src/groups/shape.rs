//! A group as clients see it (docs/contract.md, "Provisioning").

use release_links_domain::GroupId;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::Group;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesGroup)]
pub(super) struct GroupBody {
    id: i64,
    name: String,
    path: String,
    full_path: String,
    full_name: String,
    parent_id: Option<i64>,
    visibility: &'static str,
    web_url: String,
}

impl GroupBody {
    pub(super) fn new(group: Group, external: &ExternalUrl) -> Self {
        Self {
            id: group.id.get(),
            name: group.name.into(),
            path: group.path.into(),
            web_url: external.page(&group.full_path),
            full_path: group.full_path.into(),
            full_name: group.full_name,
            parent_id: group.parent.map(GroupId::get),
            visibility: group.visibility.as_str(),
        }
    }
}
