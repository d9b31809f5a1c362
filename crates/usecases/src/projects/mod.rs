//! Projects (docs/contract.md, "Provisioning").

mod create;
mod delete;
mod get;
mod list;
mod transfer;
mod update;

use std::sync::Arc;

use release_links_domain::access::{AccessLevel, Admission, Standing};
use release_links_domain::namespace::{DisplayName, NamespaceKind, PathSegment};
use release_links_domain::project::{ReleasesAccess, Visibility};
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{ProjectId, UserId};
use release_links_ports::{Clock, NamespaceView, ProjectRepository, TakenError};

use crate::caller::{in_person, project_ref, see, signed_in};
use crate::{Missing, Refusal, Taken};

/// A project as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDraft {
    /// The name people read.
    pub name: DisplayName,
    /// Its own segment of the path.
    pub path: PathSegment,
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
    /// Works on the projects in `projects`, as of the time that `clock` says.
    #[must_use]
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// A project in which the caller, whose id comes with it, has at least that level in person.
    async fn held(&self, caller: &Caller, project: &str, least: AccessLevel) -> Result<(ProjectId, UserId), Refusal> {
        let bearer = signed_in(caller)?;
        let view = self.projects.get(&project_ref(project)?, caller.reader(Admission::SeeProject)).await?;
        let (project, standing, _) = see(caller, Intent::Write, view)?;
        in_person(bearer)?;
        if standing.is_at_least(least) { Ok((project.id, bearer.user)) } else { Err(Refusal::Forbidden) }
    }
}

/// Lets the caller see a namespace, or says that there is none.
fn see_namespace(caller: &Caller, found: Option<NamespaceView>) -> Result<(NamespaceView, Standing), Refusal> {
    let absent = Refusal::NotFound(Missing::Namespace);
    let Some((namespace, level, visibility)) = found else { return Err(absent) };
    let standing = caller.standing_in_namespace(level);
    // Somebody else's own namespace shows itself to nobody, whatever it is called.
    let shown_to = if namespace.kind == NamespaceKind::User { Visibility::Private } else { visibility };
    if standing.sees(shown_to) { Ok(((namespace, level, visibility), standing)) } else { Err(absent) }
}

/// What became of a write that was decided but came too late.
fn refused(error: TakenError<()>, gone: Missing) -> Refusal {
    match error {
        TakenError::Taken(()) => Refusal::Taken(Taken::Path),
        TakenError::Gone => Refusal::NotFound(gone),
        TakenError::Store(error) => Refusal::Store(error),
    }
}
