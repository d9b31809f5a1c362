//! `DELETE /projects/:id/releases/:tag_name`: answers 200 with the deleted release; its tag remains.

use super::answer;
use crate::addresses::TagAddress;
use crate::large;
use crate::operation::CallerThenParameters;
use crate::reply::{OK, Reply};

pub(super) async fn delete(asked: CallerThenParameters<TagAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let _writing = large::writing(&incoming.request).await?;
    let release =
        incoming.service.releases.delete(&caller, &address.release(), answer::precondition(&incoming)).await?;
    answer::written(&incoming, OK, release).await
}
