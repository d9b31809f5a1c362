//! Projects in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::namespace::{DisplayName, Namespace, NamespaceRef, PathSegment};
use release_links_domain::project::{Project, ProjectRef, ReleasesAccess, Visibility};
use release_links_domain::{NamespaceId, ProjectId, UserId};

use crate::{Page, PageRequest, ProjectRead, StoreError, Viewer, WriteError};

/// A project to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// The name people read.
    pub name: DisplayName,
    /// Its own segment of the path.
    pub path: PathSegment,
    /// What it will stand in.
    pub namespace: NamespaceId,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who may read its releases.
    pub releases: ReleasesAccess,
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

/// A namespace as one viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceView {
    /// The namespace.
    pub namespace: Namespace,
    /// The viewer's level in it: owner in their own.
    pub level: Option<AccessLevel>,
    /// Who may see it.
    pub visibility: Visibility,
}

/// A project's way from one namespace to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What the project stands in.
    pub from: NamespaceId,
    /// What it is to stand in, if there is such a namespace.
    pub target: Option<NamespaceView>,
}

/// What is to change in a project; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectChanges {
    /// The name people read.
    pub name: Option<DisplayName>,
    /// Its own segment of the path.
    pub path: Option<PathSegment>,
    /// What it is to stand in.
    pub namespace: Option<NamespaceId>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Who may read its releases.
    pub releases: Option<ReleasesAccess>,
    /// Whether all writes on releases and links are refused.
    pub archived: Option<bool>,
}

/// Which projects are wanted of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectFilter {
    /// A part of the name or of the own segment of the path, compared without case.
    pub search: Option<String>,
    /// Only those over which the viewer has at least this level.
    pub least_level: Option<AccessLevel>,
    /// Only those of this visibility.
    pub visibility: Option<Visibility>,
    /// Only those that are archived, or only those that are not.
    pub archived: Option<bool>,
}

/// The projects of the service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProjectRepository: Send + Sync {
    /// One project, with the reader's levels in it.
    async fn get(&self, project: &ProjectRef, reader: Reader) -> ProjectRead<ProjectDetails>;

    /// A namespace and the viewer's level in it, owner in one's own; `None` for `namespace` means the viewer's own.
    async fn namespace(
        &self,
        namespace: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError>;

    /// What a transfer needs to be decided.
    async fn load_for_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> ProjectRead<Transfer>;

    /// A page of the projects that `viewer` may see, newest (highest id) first. It MUST show exactly those whose
    /// visibility is open to the viewer, and those over which the viewer has a level.
    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError>;

    /// Stores a project, or nothing. An address that another project has left becomes this one's for good, also when this one
    /// leaves it or is deleted.
    /// [`WriteError::Gone`] when the namespace is.
    async fn create(&self, project: NewProject) -> Result<Project, WriteError<()>>;

    /// Changes a project, or nothing, and shows it as `viewer` stands in it then. A project that gets another path MUST be
    /// found by the one that it leaves as one that has moved, until another project or group takes that.
    /// [`WriteError::Gone`] when the project or its new namespace is.
    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, WriteError<()>>;

    /// Removes a project with all that belongs to it, its bots too; MUST be all or nothing. It MUST be gone for whoever asks
    /// later, though rows may be deleted afterwards. Whether there was one.
    async fn delete(&self, project: ProjectId) -> Result<bool, StoreError>;
}
