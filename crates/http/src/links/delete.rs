//! `DELETE …/links/:link_id`: answers 200 with the deleted link, because Go clients fail on an empty body.

use actix_web::http::StatusCode;

use super::parameters::LinkAddress;
use super::shape::{LinkBody, precondition};
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one};

pub(super) async fn delete(asked: ParametersThenCaller<LinkAddress, ()>) -> Reply {
    let ParametersThenCaller { incoming, address, caller, .. } = asked;
    let (release, id) = address.parts();
    let link = incoming.service.links.delete(&caller, &release, id, precondition(&incoming)).await?;
    one(&incoming.request, StatusCode::OK, &LinkBody::new(link, &incoming.service.external))
}
