//! `POST /projects/:id/releases`: creates a release with all its links, or does to the one of its tag what `on_conflict`
//! says.

use release_links_domain::link::OnConflict;
use release_links_domain::release::ReleaseChanges;
use release_links_usecases::ReleaseDraft;

use super::answer;
use super::parameters::NewRelease;
use crate::addresses::ProjectAddress;
use crate::large;
use crate::operation::CallerThenParameters;
use crate::reply::{Reply, told};

pub(super) async fn create(asked: CallerThenParameters<ProjectAddress, NewRelease>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(|release| {
        let NewRelease { name, description, released_at, .. } = release;
        let draft = ReleaseDraft {
            changes: ReleaseChanges { name, description, released_at },
            tag_message: release.tag_message,
            target: release.r#ref,
            links: release.assets,
            milestones: release.milestones,
            on_conflict: release.on_conflict,
        };
        (release.tag_name.unwrap_or_default(), draft)
    });
    // Only a release that exists may be larger than the request.
    let may_exist = draft.as_ref().is_ok_and(|(_, draft)| draft.on_conflict != OnConflict::Fail);
    let _writing = if may_exist { Some(large::writing(&incoming.request).await?) } else { None };
    let (release, outcome) = incoming.service.releases.create(&caller, &address.id, draft).await?;
    answer::written(&incoming, told(outcome), release).await
}
