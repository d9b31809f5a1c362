//! `POST …/links`: creates a link.

use actix_web::http::StatusCode;

use super::parameters::NewLink;
use super::shape::LinkBody;
use crate::addresses::TagAddress;
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one};

pub(super) async fn create(asked: ParametersThenCaller<TagAddress, NewLink>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let link = incoming.service.links.create(&caller, &address.release(), parameters.draft()).await?;
    one(&incoming.request, StatusCode::CREATED, &LinkBody::new(link, &incoming.service.external))
}
