//! `GET /projects/:id/releases/:tag_name`, and the same on the web: one release with its links.

use release_links_usecases::{Missing, Refusal};

use super::shape::ReleaseBody;
use crate::incoming::Incoming;
use crate::large;
use crate::reply::{Reply, ok};

pub(crate) async fn get(incoming: Incoming) -> Reply {
    let caller = incoming.caller().await?;
    let releases = &incoming.service.releases;
    let mut release = releases.get(&caller, &incoming.release_address()).await?;
    if release.release.is_partial() {
        // An older version let it have more links than are read at once.
        let _turn = large::turn(&incoming.request).await?;
        let (mut whole, _) = releases.read_on(release.unread()).await?;
        release = whole.pop().ok_or(Refusal::NotFound(Missing::Release))?;
    }
    ok(&incoming.request, &ReleaseBody::new(release, &incoming.service.external))
}
