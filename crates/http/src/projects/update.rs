//! `PUT /projects/:id`: changes settings and renames.

use release_links_domain::description::ProjectDescription;
use release_links_domain::link::OnConflict;
use release_links_domain::namespace::{DisplayName, PathSegment};
use release_links_domain::project::{BranchName, ReleasesAccess, Visibility};
use release_links_ports::ProjectChanges;

use super::shape::ProjectBody;
use super::topics::TopicList;
use crate::addresses::ProjectAddress;
use crate::operation::{Bool, CallerThenParameters, Clearable, Parsed, Word, parameters};
use crate::reply::{Reply, ok};
use crate::sorting::OneOf;

parameters! {
    /// The changes to a project.
    pub(super) struct ProjectUpdate {
        /// The name.
        name: Parsed<DisplayName>,
        /// The last segment of the full path.
        path: Parsed<PathSegment>,
        /// What the project is for; null and the empty text clear it.
        description: Clearable<ProjectDescription>,
        /// The name of the default branch.
        default_branch: Parsed<BranchName>,
        /// What the project is about: at most 20 topics, which replace the present ones.
        topics: TopicList,
        /// What becomes of a link whose name or path is sent again without `on_conflict`.
        links_on_conflict: OneOf<OnConflict>,
        /// Whether a package may get a file with the name of one that it has.
        generic_duplicates_allowed: Bool,
        /// Who may see the project.
        visibility: Word<Visibility>,
        /// Who may read the releases of the project.
        releases_access_level: Word<ReleasesAccess>,
    }
}

pub(super) async fn update(asked: CallerThenParameters<ProjectAddress, ProjectUpdate>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let changes = parameters.map(|update| ProjectChanges {
        name: update.name,
        path: update.path,
        description: update.description,
        default_branch: update.default_branch,
        topics: update.topics,
        links_on_conflict: update.links_on_conflict,
        generic_duplicates_allowed: update.generic_duplicates_allowed,
        visibility: update.visibility,
        releases: update.releases_access_level,
        ..ProjectChanges::default()
    });
    let project = incoming.service.projects.update(&caller, &address.id, changes).await?;
    ok(&incoming.request, &ProjectBody::new(project, &incoming.service.external))
}
