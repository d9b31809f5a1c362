//! `GET …/links`: a page, newest first.

use actix_web::http::StatusCode;

use super::LinkBody;
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::pagination::{headers, page_request};
use crate::reply::{Reply, json};

pub(crate) async fn list(incoming: Incoming, mut fields: Fields) -> Reply {
    let wanted = page_request(&mut fields);
    let wanted = fields.finish(wanted)?;
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let page = service.links.list(&caller, &incoming.release_address(), wanted).await?;
    let headers = headers(&incoming.request, &service.external, wanted, &page);
    let body: Vec<_> = page.rows.into_iter().map(|link| LinkBody::new(link, &service.external)).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}
