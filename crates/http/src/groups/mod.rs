//! `/groups` (docs/contract.md, "Provisioning").

mod delete;
mod get;
mod list;
mod update;

use release_links_domain::GroupId;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::Group;
use release_links_usecases::GroupDraft;
use serde::Serialize;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use update::update;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::provisioning;
use crate::reply::{Reply, created};

#[derive(Debug, Serialize)]
struct GroupBody {
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
    fn new(group: Group, external: &ExternalUrl) -> Self {
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

/// `POST /groups`.
pub(crate) async fn create(incoming: Incoming, mut fields: Fields) -> Reply {
    let name = provisioning::required_name(&mut fields);
    let path = fields.present_text("path");
    let path = provisioning::path(&mut fields, path);
    let parent = fields.id::<GroupId>("parent_id");
    let visibility = provisioning::visibility(&mut fields).unwrap_or_default();
    let draft = name.zip(path).map(|(name, path)| GroupDraft { name, path, visibility });
    let caller = incoming.caller().await?;
    let group = incoming.service.groups.create(&caller, parent, fields.finish_whole(draft)).await?;
    created(&incoming.request, &GroupBody::new(group, &incoming.service.external))
}
