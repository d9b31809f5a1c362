//! `POST /projects/:id/releases`: creates a release with all its links, or nothing.

use actix_web::http::StatusCode;
use release_links_usecases::ReleaseDraft;

use super::answer;
use super::parameters::NewRelease;
use crate::addresses::ProjectAddress;
use crate::operation::CallerThenParameters;
use crate::reply::Reply;

pub(super) async fn create(asked: CallerThenParameters<ProjectAddress, NewRelease>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let draft = parameters.map(|release| {
        let draft = ReleaseDraft {
            tag_message: release.tag_message,
            name: release.name,
            description: release.description,
            target: release.r#ref,
            links: release.assets,
            milestones: release.milestones,
            released_at: release.released_at,
        };
        (release.tag_name.unwrap_or_default(), draft)
    });
    let release = incoming.service.releases.create(&caller, &address.id, draft).await?;
    answer::written(&incoming, StatusCode::CREATED, release).await
}
