//! `PUT …/links/:link_id`: changes a link.

use actix_web::http::StatusCode;
use release_links_domain::link::NothingToUpdate;

use super::parameters::{LinkAddress, LinkUpdate};
use super::shape::{LinkBody, precondition};
use crate::error::ApiError;
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one};

pub(super) async fn update(asked: ParametersThenCaller<LinkAddress, LinkUpdate>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    // The parameters name a name or a url, or they were refused.
    let changes = parameters.patch().parse().map_err(|NothingToUpdate| ApiError::Unwired)?;
    let (release, id) = address.parts();
    let link = incoming.service.links.update(&caller, &release, id, changes, precondition(&incoming)).await?;
    one(&incoming.request, StatusCode::OK, &LinkBody::new(link, &incoming.service.external))
}
