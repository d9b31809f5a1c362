//! Releases in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{Reader, TagRule};
#[cfg(doc)]
use release_links_domain::link::Link;
use release_links_domain::link::LinkFields;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId, UserId};

use crate::{Batch, BatchedPage, PageRequest, ProjectRead, ReleaseKey, StoreError, WriteError};

/// Why a release was not made: its tag has one already.
pub type ReleaseWriteError = WriteError<()>;

/// What a list of releases is ordered by; ties go by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseOrder {
    /// The day it is, or will be, released.
    #[default]
    ReleasedAt,
    /// When it was made.
    CreatedAt,
}

/// Which end of a list of releases comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseSort {
    /// The newest first.
    #[default]
    Descending,
    /// The oldest first.
    Ascending,
}

/// A project in which somebody wants to write on a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritableProject {
    /// Its rules that protect the tag; all of them, when no tag is named.
    pub rules: Vec<TagRule>,
    /// The tag's release, if it has one.
    pub release: Option<ReleaseId>,
}

/// A release to be stored with all its links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// The project it will belong to.
    pub project: ProjectId,
    /// Its tag, which is made with it when it does not exist.
    pub tag: TagName,
    /// The name people read.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The message of the tag, kept when the tag is made.
    pub tag_message: Option<String>,
    /// What the tag is made from, kept when the tag is made.
    pub target: Option<String>,
    /// When it is made.
    pub created_at: Timestamp,
    /// When it is, or will be, released.
    pub released_at: Timestamp,
    /// Who makes it.
    pub author: Option<UserId>,
    /// Its links, in the order in which they get their ids; the caller has seen to it that none collides with another.
    pub links: Vec<LinkFields>,
}

/// The most bytes of names, URLs and paths that the links of one release are read with. The links that a release takes today
/// have less; an older version knew no bound.
pub const MAX_LINK_BYTES: usize = 4 * 1024 * 1024;

/// The releases of projects. `None` means that there is no such project.
///
/// A release of another project MUST NOT be found.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReleaseRepository: Send + Sync {
    /// A page of a project's releases, each with its links, newest first. The batch MUST end before a release that has more
    /// than [`Link::MAX_PER_RELEASE`] links, or more text than is read at once.
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: ReleaseSort,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<Release, ReleaseId>>;

    /// The first of these releases of a project, in this order, each with its links, newest first. Those that are gone are
    /// left out. Of a release that an older version let grow without bound, at most [`MAX_LINK_BYTES`]
    /// of links are found, the newest.
    async fn read_on(
        &self,
        project: ProjectId,
        releases: Vec<ReleaseId>,
    ) -> Result<Batch<Release, ReleaseId>, StoreError>;

    /// One release with its links, newest first; at most [`Link::MAX_PER_RELEASE`] of them, and [`MAX_LINK_BYTES`].
    async fn get(&self, key: &ReleaseKey) -> ProjectRead<Release>;

    /// The tag of the project's newest release at `now`, as [`newest`](release_links_domain::release::newest) tells it. A
    /// release whose day is still to come MUST NOT be found.
    async fn newest(&self, project: &ProjectRef, reader: Reader, now: Timestamp) -> ProjectRead<TagName>;

    /// What a write needs to be decided. Without a tag, only the rules are found.
    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> ProjectRead<WritableProject>;

    /// Stores a release with all its links, or nothing. Of several writers that race for one tag, exactly one MUST succeed.
    async fn create(&self, release: NewRelease) -> Result<Release, ReleaseWriteError>;

    /// Applies changes to the release as it is at that moment; `None` when it is gone. Its links MUST stay as they are.
    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        changes: ReleaseChanges,
    ) -> Result<Option<Release>, StoreError>;

    /// Removes a release with all its links and says what it was; `None` when it was gone already. Its tag MUST stay.
    async fn delete(&self, project: ProjectId, release: ReleaseId) -> Result<Option<Release>, StoreError>;
}
