//! `PUT /projects/:id/releases/:tag_name`: changes a release.

use actix_web::http::StatusCode;
use release_links_domain::release::ReleaseChanges;
use release_links_usecases::ReleasePatch;

use super::answer;
use super::parameters::{milestones, released_at};
use crate::fields::Fields;
use crate::incoming::Incoming;
use crate::large;
use crate::reply::Reply;

/// The keys of which an update must contain at least one, even if it is null.
const KNOWN: [&str; 4] = ["name", "description", "released_at", "milestones"];

pub(crate) async fn update(incoming: Incoming, mut fields: Fields) -> Reply {
    let changes = ReleaseChanges {
        name: fields.change("name"),
        description: fields.change("description"),
        released_at: released_at(&mut fields),
    };
    let patch = ReleasePatch { changes, milestones: milestones(&mut fields) };
    let patch = KNOWN.iter().any(|name| fields.has(name)).then_some(patch);
    let patch = fields.finish(patch);
    let caller = incoming.caller().await?;
    let service = &incoming.service;
    let _writing = large::writing(&incoming.request).await?;
    let release = service.releases.update(&caller, &incoming.release_address(), patch).await?;
    answer::written(&incoming, StatusCode::OK, release).await
}
