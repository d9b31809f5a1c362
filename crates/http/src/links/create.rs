//! `POST …/links`: creates a link, or does to the one that is there what `on_conflict` says.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use release_links_domain::link::Outcome;

use super::parameters::SentLink;
use super::shape::LinkBody;
use crate::addresses::TagAddress;
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one_with};

/// What became of the link.
const OUTCOME: HeaderName = HeaderName::from_static("x-release-links");

pub(super) async fn create(asked: ParametersThenCaller<TagAddress, SentLink>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let SentLink { link, on_conflict } = parameters;
    let (link, outcome) = incoming.service.links.create(&caller, &address.release(), link.draft(), on_conflict).await?;
    let status = if outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    let headers = vec![(OUTCOME, HeaderValue::from_static(outcome.as_str()))];
    one_with(&incoming.request, status, headers, &LinkBody::new(link, &incoming.service.external))
}
