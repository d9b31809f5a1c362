//! Projects (docs/contract.md, "Provisioning").

mod branches;
mod create;
mod delete;
mod get;
mod list;
mod transfer;
mod update;

use std::sync::Arc;

use release_links_domain::access::{AccessLevel, Admission};
use release_links_domain::description::ProjectDescription;
use release_links_domain::namespace::{DisplayName, Namespace, PathSegment};
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::project::{BranchName, ReleasesAccess, Topics, Visibility};
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{Clock, NamespaceView, ProjectRepository, WriteError};

use crate::caller::{ask, ask_bearer, project_ref, see};
use crate::{Missing, Refusal};

/// The validated parameters of a new project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDraft {
    /// The display name.
    pub name: DisplayName,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// What it is for.
    pub description: Option<ProjectDescription>,
    /// The name of its default branch.
    pub default_branch: BranchName,
    /// What it is about.
    pub topics: Topics,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who may read its releases.
    pub releases: ReleasesAccess,
}

/// The operations on projects.
#[derive(Clone)]
pub struct Projects {
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl Projects {
    /// Works on the projects in `projects`, taking the time from `clock`.
    #[must_use]
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// Returns a project on which the caller may perform the action, and the caller's id.
    async fn find(&self, caller: &Caller, project: &str, action: Action<'_>) -> Result<(ProjectId, UserId), Refusal> {
        let bearer = ask_bearer(caller, Resource::Project(None), action)?;
        let view = self.projects.get(&project_ref(project)?, caller.reader(Admission::SeeProject)).await?;
        let (project, resource, _) = see(caller, Intent::Write, view)?;
        ask(caller, resource, action)?;
        Ok((project.id, bearer.user))
    }
}

/// Checks that the caller may create projects in a namespace.
fn check_namespace(caller: &Caller, found: Option<NamespaceView>) -> Result<(Namespace, Option<AccessLevel>), Refusal> {
    let NamespaceView { namespace, level, visibility } = found.ok_or(Refusal::NotFound(Missing::Namespace))?;
    ask(caller, Resource::namespace(namespace.kind, visibility, level), Action::CreateProject)?;
    Ok((namespace, level))
}

/// Maps an error of a write that the policy had allowed.
fn into_refusal(error: WriteError<PlacementObstacle>, missing: Missing) -> Refusal {
    match error {
        WriteError::Conflict(obstacle) => obstacle.into(),
        WriteError::Gone => Refusal::NotFound(missing),
        WriteError::Store(error) => Refusal::Store(error),
    }
}
