//! `GET /groups`: a page, by name.

use actix_web::http::StatusCode;
use release_links_ports::GroupFilter;

use super::GroupBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::provisioning;
use crate::reply::{Reply, json};

pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let search = provisioning::search(&mut fields);
    let top_level_only = fields.boolean("top_level_only").unwrap_or_default();
    let wanted = page_request(&mut fields);
    let filter = fields.finish((GroupFilter { search, top_level_only }, wanted));
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let page = service.groups.list(&caller, filter).await?;
    let headers = headers(&incoming.request, &service.external, wanted, &page);
    let body: Vec<_> = page.rows.into_iter().map(|group| GroupBody::new(group, &service.external)).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}
