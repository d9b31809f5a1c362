//! `PUT /projects/:id/releases/:tag_name/immutable`: makes a release immutable.

use super::answer;
use crate::addresses::TagAddress;
use crate::large;
use crate::operation::ParametersThenCaller;
use crate::reply::{OK, Reply};

pub(super) async fn immutable(asked: ParametersThenCaller<TagAddress, ()>) -> Reply {
    let ParametersThenCaller { incoming, address, caller, .. } = asked;
    let _writing = large::writing(&incoming.request).await?;
    let release = incoming.service.releases.make_immutable(&caller, &address.release()).await?;
    answer::written(&incoming, OK, release).await
}
