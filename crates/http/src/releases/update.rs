//! `PUT /projects/:id/releases/:tag_name`: changes a release.

use release_links_domain::release::ReleaseChanges;
use release_links_usecases::ReleasePatch;

use super::answer;
use super::parameters::ReleaseUpdate;
use crate::addresses::TagAddress;
use crate::large;
use crate::operation::{CallerThenParameters, IfAny};
use crate::reply::{OK, Reply};

pub(super) async fn update(asked: CallerThenParameters<TagAddress, IfAny<ReleaseUpdate>>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let patch = parameters.map(|IfAny(update)| {
        update.map(|ReleaseUpdate { name, description, released_at, milestones }| ReleasePatch {
            changes: ReleaseChanges { name, description, released_at },
            milestones,
        })
    });
    let _writing = large::writing(&incoming.request).await?;
    let release =
        incoming.service.releases.update(&caller, &address.release(), patch, answer::precondition(&incoming)).await?;
    answer::written(&incoming, OK, release).await
}
