//! Projects in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Reader};
use release_links_domain::description::ProjectDescription;
use release_links_domain::link::{Change, OnConflict};
use release_links_domain::namespace::{DisplayName, Namespace, NamespaceRef, PathSegment};
use release_links_domain::placement::PlacementObstacle;
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::{NamespaceId, ProjectId, UserId};

use crate::{Page, PageRequest, ProjectRead, Sort, StoreError, TimeRange, Viewer, WriteError};

/// A project to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// The display name.
    pub name: DisplayName,
    /// The last segment of its full path.
    pub path: PathSegment,
    /// The namespace that will contain it.
    pub namespace: NamespaceId,
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
    /// The user who creates it.
    pub creator: UserId,
    /// When it is created.
    pub created_at: Timestamp,
}

/// A project and the sources of the viewer's level in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDetails {
    /// The project.
    pub project: Project,
    /// The level of their direct membership, or owner if the project is in their own namespace.
    pub project_access: Option<AccessLevel>,
    /// The highest level in the ancestor groups.
    pub group_access: Option<AccessLevel>,
}

/// A namespace and one viewer's access to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceView {
    /// The namespace.
    pub namespace: Namespace,
    /// The viewer's level in it; owner in their own namespace.
    pub level: Option<AccessLevel>,
    /// Who may see it.
    pub visibility: Visibility,
}

/// A transfer of a project from one namespace to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The namespace that contains the project.
    pub from: NamespaceId,
    /// The new namespace, if it exists.
    pub target: Option<NamespaceView>,
}

/// The changes to a project; a field that is `None` stays unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectChanges {
    /// The display name.
    pub name: Option<DisplayName>,
    /// The last segment of its full path.
    pub path: Option<PathSegment>,
    /// The namespace that will contain it.
    pub namespace: Option<NamespaceId>,
    /// What it is for.
    pub description: Change<ProjectDescription>,
    /// The name of its default branch.
    pub default_branch: Option<BranchName>,
    /// What it is about.
    pub topics: Option<Topics>,
    /// What becomes of a link that is sent again without `on_conflict`.
    pub links_on_conflict: Option<OnConflict>,
    /// Whether a package may get a file with the name of one that it has.
    pub generic_duplicates_allowed: Option<bool>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Who may read its releases.
    pub releases: Option<ReleasesAccess>,
    /// Whether all writes to its releases and links are refused.
    pub archived: Option<bool>,
}

/// Where to list projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// The group, or the user's own namespace.
    pub namespace: NamespaceId,
    /// Whether the projects of the groups below it are listed as well.
    pub subgroups: bool,
}

/// Which projects to list, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectFilter {
    /// Only projects with this text in their name or in the last segment of their path, ignoring case.
    pub search: Option<String>,
    /// Only projects in which the viewer has at least this level.
    pub least_level: Option<AccessLevel>,
    /// Only projects of this visibility.
    pub visibility: Option<Visibility>,
    /// Only archived projects if true, and only the others if false.
    pub archived: Option<bool>,
    /// Only projects with a higher id.
    pub id_after: Option<i64>,
    /// Only projects with a lower id.
    pub id_before: Option<i64>,
    /// Only projects with all of these topics.
    pub topics: Vec<String>,
    /// Only projects in which something last happened in this time.
    pub active: TimeRange,
    /// Only projects of this namespace.
    pub within: Option<Within>,
    /// What they are sorted by.
    pub order: ProjectOrder,
    /// The direction.
    pub sort: Sort,
}

/// What projects are sorted by; equal ones are sorted by id, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProjectOrder {
    /// The id.
    Id,
    /// The display name, ignoring the case of ASCII letters.
    Name,
    /// The last segment of the path, ignoring case.
    Path,
    /// When they were created.
    #[default]
    CreatedAt,
    /// When something last happened in them.
    LastActivityAt,
}

impl ProjectOrder {
    /// Every order.
    pub const ALL: &[Self] = &[Self::Id, Self::Name, Self::Path, Self::CreatedAt, Self::LastActivityAt];
}

/// The projects of the service.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ProjectRepository: Send + Sync {
    /// Returns a project and the reader's levels in it.
    async fn get(&self, project: &ProjectRef, reader: Reader) -> ProjectRead<ProjectDetails>;

    /// Returns a namespace and the viewer's level in it. If `namespace` is `None`, returns the viewer's own.
    async fn namespace(
        &self,
        namespace: Option<NamespaceId>,
        viewer: UserId,
    ) -> Result<Option<NamespaceView>, StoreError>;

    /// Returns the data that decides a transfer.
    async fn load_for_transfer(
        &self,
        project: &ProjectRef,
        target: Option<NamespaceRef>,
        reader: Reader,
    ) -> ProjectRead<Transfer>;

    /// Returns a page of the projects that `viewer` may see, in the order of the filter. The list MUST contain exactly
    /// the projects whose visibility is in [`Viewer::open`] and those in which the viewer has a level.
    async fn list(
        &self,
        viewer: Viewer,
        filter: ProjectFilter,
        page: PageRequest,
    ) -> Result<Page<ProjectDetails>, StoreError>;

    /// Creates a project. If its path is a former path of another project, it no longer leads to that project, even
    /// after the new project moves or is deleted.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the namespace does not exist; [`WriteError::Conflict`] if the project MUST NOT be
    /// [placed](release_links_domain::placement) so.
    async fn create(&self, project: NewProject) -> Result<Project, WriteError<PlacementObstacle>>;

    /// Applies all changes to a project, or none, and returns it with the levels that `viewer` has in it afterwards. If
    /// its path changes, the project MUST be found by the old path, and reported as
    /// [moved](crate::ProjectFacts::moved), until another project or group takes that path.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project or its new namespace does not exist; [`WriteError::Conflict`] if the project
    /// MUST NOT be [placed](release_links_domain::placement) so.
    async fn update(
        &self,
        project: ProjectId,
        changes: ProjectChanges,
        viewer: UserId,
    ) -> Result<ProjectDetails, WriteError<PlacementObstacle>>;

    /// Deletes a project with everything that belongs to it, including its bots; MUST be all or nothing. Later reads
    /// MUST NOT find it, though its rows may be deleted afterwards. Returns whether the project existed.
    async fn delete(&self, project: ProjectId) -> Result<bool, StoreError>;
}
