//! Tags in storage. They are made with releases.

use async_trait::async_trait;
use release_links_domain::ProjectId;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagSearch};

use crate::{Page, PageRequest, ProjectView, ReleaseKey, StoreError, TakenError};

/// Tags of a project, and what protects them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagsFound<T> {
    /// All rules of the project that protect tags.
    pub rules: Vec<TagRule>,
    /// What was asked for.
    pub tags: T,
}

/// The tags of projects. `None` means that there is no such project.
///
/// A tag of another project MUST NOT be found or deleted.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TagRepository: Send + Sync {
    /// A page of a project's tags, the last made first.
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        search: Option<TagSearch>,
        page: PageRequest,
    ) -> Result<Option<ProjectView<TagsFound<Page<Tag>>>>, StoreError>;

    /// One tag.
    async fn get(&self, key: &ReleaseKey) -> Result<Option<ProjectView<TagsFound<Option<Tag>>>>, StoreError>;

    /// Removes a tag. One that has a release MUST stay: it is `Taken`. [`TakenError::Gone`] when there is no such tag.
    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), TakenError<()>>;
}
