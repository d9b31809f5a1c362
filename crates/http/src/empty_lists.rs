//! Lists of things that this server does not store, for tools that ask for them (docs/contract.md, "Provisioning").

use actix_web::http::StatusCode;
use release_links_ports::Page;

use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::reply::{Reply, json};

/// Answers with an empty page if the caller can see the project.
pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let page = page_request(&mut fields);
    let page = fields.finish(page);
    let caller = incoming.caller().await?;
    incoming.service.projects.get(&caller, &incoming.path.id).await?;
    let page = page?;
    let nothing = Page::<()> { rows: Vec::new(), total: Some(0), has_next: false };
    let headers = headers(&incoming.request, &incoming.service.external, page, &nothing);
    json(&incoming.request, StatusCode::OK, &nothing.rows, headers)
}
