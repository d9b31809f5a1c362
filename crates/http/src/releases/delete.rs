//! `DELETE /projects/:id/releases/:tag_name`: 200 with the release that was; its tag stays.

use super::shape::ReleaseBody;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn delete(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let release = incoming.service.releases.delete(&caller, &incoming.release_address()).await?;
    ok(&incoming.request, &ReleaseBody::new(release, &incoming.service.external))
}
