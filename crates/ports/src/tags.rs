//! Tags in storage. They are made with releases.

use async_trait::async_trait;
use release_links_domain::ProjectId;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::project::ProjectRef;
use release_links_domain::tag::{Tag, TagName, TagSearch};

use crate::{Batch, BatchedPage, PageRequest, ProjectRead, ReleaseKey, StoreError, WriteError};

/// A tag of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTag {
    /// The tag.
    pub tag: Tag,
    /// Whether a rule of the project protects it, as [`is_protected`](release_links_domain::access::is_protected) tells. To
    /// match many tags with many rules takes too long for a worker, so it is done where the list is read.
    pub protected: bool,
}

/// One tag of a project, and what protects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFound {
    /// The rules of the project that protect the tag of this name.
    pub rules: Vec<TagRule>,
    /// The tag, if there is one.
    pub tag: Option<Tag>,
}

/// The tags of projects. `None` means that there is no such project.
///
/// A tag of another project MUST NOT be found or deleted.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TagRepository: Send + Sync {
    /// A page of a project's tags, the last made first. The batch MUST end before a tag that has more text than is read at once.
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        search: Option<TagSearch>,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<ListedTag, TagName>>;

    /// The first of these tags of a project, in this order. Those that are gone are left out.
    async fn read_on(&self, project: ProjectId, tags: Vec<TagName>) -> Result<Batch<ListedTag, TagName>, StoreError>;

    /// One tag.
    async fn get(&self, key: &ReleaseKey) -> ProjectRead<TagFound>;

    /// Removes a tag. One that has a release MUST stay: it is `Taken`. [`WriteError::Gone`] when there is no such tag.
    async fn delete(&self, project: ProjectId, tag: TagName) -> Result<(), WriteError<()>>;
}
