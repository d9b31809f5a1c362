//! A group as clients see it (docs/contract.md, "Provisioning").

use release_links_domain::GroupId;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::Group;
use release_links_domain::project::Visibility;
use serde::Serialize;
use utoipa::ToSchema;

use crate::operation::shown;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesGroup)]
pub(super) struct GroupBody {
    id: i64,
    name: String,
    path: String,
    #[schema(required = true)]
    description: Option<String>,
    full_path: String,
    full_name: String,
    #[schema(required = true)]
    parent_id: Option<i64>,
    #[schema(schema_with = shown::<Visibility>)]
    visibility: &'static str,
    #[schema(format = "uri")]
    web_url: String,
}

impl GroupBody {
    pub(super) fn new(group: Group, external: &ExternalUrl) -> Self {
        Self {
            id: group.id.get(),
            name: group.name.into(),
            path: group.path.into(),
            description: group.description.map(String::from),
            web_url: external.page(&group.full_path),
            full_path: group.full_path.into(),
            full_name: group.full_name,
            parent_id: group.parent.map(GroupId::get),
            visibility: group.visibility.as_str(),
        }
    }
}
