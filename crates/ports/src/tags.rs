//! Tags in storage. They are created with releases.

use async_trait::async_trait;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagOrder, TagSearch};
use release_links_domain::{ProjectId, Sort};

use crate::{Batch, BatchedPage, PageRequest, ProjectRead, ReleaseKey, StoreError, WriteError};

/// Which tags a list has, and how they are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagQuery {
    /// Only tags that this search finds.
    pub search: Option<TagSearch>,
    /// What they are sorted by.
    pub order: TagOrder,
    /// The direction.
    pub sort: Sort,
}

/// A tag in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTag {
    /// The tag.
    pub tag: Tag,
    /// Whether a rule of the project protects it, according to
    /// [`is_protected`](release_links_domain::access::is_protected). Storage decides it while it reads the list,
    /// because matching many tags with many rules takes too long for a worker thread.
    pub protected: bool,
}

/// A tag of a project and the rules that protect it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFound {
    /// The project's rules that protect a tag of this name, even if it does not exist.
    pub rules: Vec<TagRule>,
    /// The tag, if it exists.
    pub tag: Option<Tag>,
}

/// The tags of projects. A read returns `None` if the project does not exist.
///
/// A tag of another project MUST NOT be found or deleted.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TagRepository: Send + Sync {
    /// Returns a page of a project's tags. The batch MUST end before a tag with more text than
    /// [`Batch::BYTES`].
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        query: TagQuery,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<ListedTag, TagName>>;

    /// Returns the first of these tags of a project, in this order. Tags that no longer exist are left out.
    async fn read_on(&self, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, StoreError>;

    /// Returns a tag and the rules that protect it.
    async fn get(&self, key: &ReleaseKey) -> ProjectRead<TagFound>;

    /// Deletes a tag. A tag that has a release MUST NOT be deleted.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the tag does not exist; [`WriteError::Conflict`] if it has a release.
    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), WriteError<()>>;
}
