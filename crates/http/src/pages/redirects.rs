//! Addresses of pages that lead to another: that of a project as a Git repository, and that of a tag.

use actix_web::http::StatusCode;

use super::newest::newest;
use crate::addresses::{ProjectAddress, TagAddress};
use crate::operation::CallerThenParameters;
use crate::project_address::url;
use crate::reply::{Reply, redirect};

/// Redirects to the page of the project.
pub(super) async fn repository(asked: CallerThenParameters<ProjectAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address: ProjectAddress { id }, caller, .. } = asked;
    // A redirect would tell that a hidden project exists.
    newest(&incoming, &caller, &id, None).await?;
    let location = url(&incoming.request, &incoming.service.external, format!("/{id}"), [], &[]);
    Ok(redirect(StatusCode::FOUND, &location))
}

/// Redirects to the release of the tag.
pub(super) async fn tag(asked: CallerThenParameters<TagAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let shown = incoming.service.releases.get(&caller, &address.release()).await?;
    Ok(redirect(StatusCode::FOUND, &incoming.service.external.release(&shown.project, &shown.release.tag)))
}
