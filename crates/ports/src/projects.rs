//! Projects in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{Namespace, PathSegment};
use release_links_domain::project::{Project, ProjectRef, Visibility};
use release_links_domain::{NamespaceId, UserId};

use crate::{ProjectView, StoreError, TakenError};

/// A project to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// The name people read.
    pub name: String,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// What it will stand in.
    pub namespace: NamespaceId,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who makes it.
    pub creator: UserId,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A project with where the viewer's level comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDetails {
    /// The project.
    pub project: Project,
    /// The direct membership, or owner for whose namespace it stands in.
    pub project_access: Option<AccessLevel>,
    /// The highest level over the groups above.
    pub group_access: Option<AccessLevel>,
}

/// The projects of the service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProjectRepository: Send + Sync {
    /// One project as `viewer` stands in it.
    async fn get(
        &self,
        project: &ProjectRef,
        viewer: Option<UserId>,
    ) -> Result<Option<ProjectView<ProjectDetails>>, StoreError>;

    /// A namespace and the viewer's level in it, owner in one's own; `None` for `namespace` means the viewer's own.
    async fn namespace(
        &self,
        namespace: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<(Namespace, Option<AccessLevel>, Visibility)>, StoreError>;

    /// Stores a project, or nothing. An address that another project has left becomes this one's for good.
    /// [`TakenError::Gone`] when the namespace is.
    async fn create(&self, project: NewProject) -> Result<Project, TakenError<()>>;
}
