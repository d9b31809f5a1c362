//! `GET /projects/:id/releases/:tag_name`, and the same on the web: one release with its links.

use super::shape::ReleaseBody;
use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let release = incoming.service.releases.get(&caller, &incoming.release_address()).await?;
    ok(&incoming.request, &ReleaseBody::new(release, &incoming.service.external))
}
