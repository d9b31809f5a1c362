//! `GET …/links/:link_id`: one link.

use actix_web::http::StatusCode;

use super::parameters::LinkAddress;
use super::shape::LinkBody;
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one};

pub(super) async fn get(asked: ParametersThenCaller<LinkAddress, ()>) -> Reply {
    let ParametersThenCaller { incoming, address, caller, .. } = asked;
    let (release, id) = address.parts();
    let link = incoming.service.links.get(&caller, &release, id).await?;
    one(&incoming.request, StatusCode::OK, &LinkBody::new(link, &incoming.service.external))
}
