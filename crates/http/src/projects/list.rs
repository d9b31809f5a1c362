//! `GET /projects`: a page, newest first.

use actix_web::http::StatusCode;
use release_links_domain::access::AccessLevel;
use release_links_ports::ProjectFilter;

use super::ProjectBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::provisioning;
use crate::reply::{Reply, json};

pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let search = provisioning::search(&mut fields);
    let owned = fields.boolean("owned").unwrap_or_default().then_some(AccessLevel::HIGHEST);
    let membership = fields.boolean("membership").unwrap_or_default().then_some(AccessLevel::LOWEST);
    let visibility = provisioning::visibility(&mut fields);
    let archived = fields.boolean("archived");
    let wanted = page_request(&mut fields);
    let filter = ProjectFilter { search, least_level: owned.max(membership), visibility, archived };
    let filter = fields.finish((filter, wanted));
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let page = service.projects.list(&caller, filter).await?;
    let headers = headers(&incoming.request, &service.external, wanted, &page);
    let body: Vec<_> = page.rows.into_iter().map(|project| ProjectBody::new(project, &service.external)).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}
