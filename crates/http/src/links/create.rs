//! `POST …/links`: creates a link, or does to the one that is there what `on_conflict` says.

use super::parameters::SentLink;
use super::shape::LinkBody;
use crate::addresses::TagAddress;
use crate::operation::ParametersThenCaller;
use crate::reply::{Reply, one_with, told};

pub(super) async fn create(asked: ParametersThenCaller<TagAddress, SentLink>) -> Reply {
    let ParametersThenCaller { incoming, address, parameters, caller } = asked;
    let SentLink { link, on_conflict } = parameters;
    let (link, outcome) = incoming.service.links.create(&caller, &address.release(), link.draft(), on_conflict).await?;
    one_with(&incoming.request, told(outcome), &LinkBody::new(link, &incoming.service.external))
}
