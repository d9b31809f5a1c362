//! Projects (contract section 9).

use std::sync::Arc;

use release_links_domain::NamespaceId;
use release_links_domain::access::{AccessLevel, Standing};
use release_links_domain::namespace::{NamespaceKind, PathSegment};
use release_links_domain::project::Visibility;
use release_links_domain::token::{Bearer, Caller, Intent};
use release_links_ports::{Clock, NewProject, ProjectDetails, ProjectRepository, TakenError};

use crate::caller::{in_person, project_ref, see, signed_in};
use crate::{Missing, ParameterFaults, Refusal, Taken};

/// A project as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDraft {
    /// The name people read.
    pub name: String,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// Who may see it.
    pub visibility: Visibility,
}

/// The operations on projects.
#[derive(Clone)]
pub struct Projects {
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl Projects {
    /// Works on the projects in `projects`, as of the time that `clock` says.
    #[must_use]
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// One project, with the caller's levels in it.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn get(&self, caller: &Caller, project: &str) -> Result<ProjectDetails, Refusal> {
        let view = self.projects.get(&project_ref(project)?, caller.user()).await?;
        let (_, _, details) = see(caller, Intent::Read, view)?;
        Ok(details)
    }

    /// Makes a project in `namespace`, or in the caller's own.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn create(
        &self,
        caller: &Caller,
        namespace: Option<NamespaceId>,
        draft: Result<ProjectDraft, ParameterFaults>,
    ) -> Result<ProjectDetails, Refusal> {
        let bearer = signed_in(caller)?;
        let (namespace, level) = self.may_create_in(bearer, namespace).await?;
        let draft = draft?;
        let project = NewProject {
            name: draft.name,
            path: draft.path,
            namespace: namespace.id,
            visibility: draft.visibility,
            creator: bearer.user,
            created_at: self.clock.now(),
        };
        let project = self.projects.create(project).await.map_err(|error| match error {
            TakenError::Taken(()) => Refusal::Taken(Taken::Path),
            TakenError::Gone => Refusal::NotFound(Missing::Namespace),
            TakenError::Store(error) => Refusal::Store(error),
        })?;
        let (project_access, group_access) = match namespace.kind {
            NamespaceKind::User => (level, None),
            NamespaceKind::Group => (None, level),
        };
        Ok(ProjectDetails { project, project_access, group_access })
    }

    async fn may_create_in(
        &self,
        bearer: &Bearer,
        namespace: Option<NamespaceId>,
    ) -> Result<(release_links_domain::namespace::Namespace, Option<AccessLevel>), Refusal> {
        let absent = Refusal::NotFound(Missing::Namespace);
        let found = self.projects.namespace(namespace, bearer.user).await?;
        let Some((namespace, level, visibility)) = found else { return Err(absent) };
        let standing = if bearer.administrator { Standing::Administrator } else { Standing::SignedIn(level) };
        // Somebody else's own namespace shows itself to nobody, whatever it is called.
        let visibility = if namespace.kind == NamespaceKind::User { Visibility::Private } else { visibility };
        if !standing.sees(visibility) {
            return Err(absent);
        }
        in_person(bearer)?;
        if !standing.is_at_least(AccessLevel::Developer) {
            return Err(Refusal::Forbidden);
        }
        Ok((namespace, level))
    }
}
