//! `PUT /projects/:id`: changes settings and renames.

use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::{ReleasesAccess, Visibility};
use release_links_ports::ProjectChanges;

use super::shape::ProjectBody;
use crate::addresses::ProjectAddress;
use crate::operation::{CallerThenParameters, Parsed, Word, parameters};
use crate::reply::{Reply, ok};

parameters! {
    /// The changes to a project.
    pub(super) struct ProjectUpdate {
        /// The name.
        name: Parsed<DisplayName>,
        /// The last segment of the full path.
        path: Parsed<PathSegment>,
        /// Who may see the project.
        visibility: Word<Visibility>,
        /// Who may read the releases of the project.
        releases_access_level: Word<ReleasesAccess>,
    }
}

pub(super) async fn update(asked: CallerThenParameters<ProjectAddress, ProjectUpdate>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let changes = parameters.map(|ProjectUpdate { name, path, visibility, releases_access_level: releases }| {
        ProjectChanges { name, path, visibility, releases, ..ProjectChanges::default() }
    });
    let project = incoming.service.projects.update(&caller, &address.id, changes).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
