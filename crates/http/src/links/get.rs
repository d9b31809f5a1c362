//! `GET …/links/:link_id`: one link.

use actix_web::http::StatusCode;

use super::parameters::LinkAddress;
use super::shape::LinkBody;
use crate::operation::ParametersThenClaimant;
use crate::reply::{Reply, one};

pub(super) async fn get(asked: ParametersThenClaimant<LinkAddress, ()>) -> Reply {
    let ParametersThenClaimant { incoming, address, parameters: () } = asked;
    let (release, id) = address.parts();
    let found = incoming.service.links.get(incoming.claimant()?, &release, id).await;
    let (_, link) = incoming.identified(found)?;
    one(&incoming.request, StatusCode::OK, &LinkBody::new(link?, &incoming.service.external))
}
