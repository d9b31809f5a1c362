//! `PATCH …/links/:link_id`: changes any part of a link.

use actix_web::http::StatusCode;

use super::parameters::{LinkAddress, LinkPatchParameters};
use super::shape::{LinkBody, precondition};
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one};

pub(super) async fn patch(asked: ParametersThenCaller<LinkAddress, LinkPatchParameters>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let (release, id) = address.parts();
    let link = incoming
        .service
        .links
        .update(&caller, &release, id, parameters.patch().parse_any(), precondition(&incoming))
        .await?;
    one(&incoming.request, StatusCode::OK, &LinkBody::new(link, &incoming.service.external))
}
