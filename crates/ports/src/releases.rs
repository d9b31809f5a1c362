//! Releases in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::channel::Selection;
use release_links_domain::history::Origin;
#[cfg(doc)]
use release_links_domain::link::Link;
use release_links_domain::link::Outcome;
#[cfg(doc)]
use release_links_domain::newest::Ranking;
use release_links_domain::project::ProjectRef;
use release_links_domain::release::{LinksFaults, Release, ReleaseChanges, ReleaseOrder, SentLinks};
use release_links_domain::tag::TagName;
use release_links_domain::{ProjectId, ReleaseId, Sort, TokenId, UserId};

use crate::{Batch, BatchedPage, PageRequest, Precondition, ProjectRead, ReleaseKey, StoreError, WriteError};

/// Why a release was not created.
pub type ReleaseWriteError = WriteError<ReleaseRefused>;

/// Why a release cannot be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseRefused {
    /// Its tag already has a release.
    Exists,
    /// An immutable release had its tag, and was deleted.
    Burnt,
    /// The release of its tag is immutable.
    Immutable,
    /// Its links are invalid, or other links have their values.
    Links(LinksFaults),
}

/// Why a release was not changed or deleted.
pub type ReleaseChangeError = WriteError<ReleaseNotChanged>;

/// Why a release cannot be changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseNotChanged {
    /// It is immutable. It is reported before the precondition.
    Immutable,
    /// The precondition does not hold for this, its current state.
    Precondition(Box<Release>),
}

/// The data that decides a write to a tag or its release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritableProject {
    /// The project's rules that protect the tag; all of its rules if no tag is given.
    pub rules: Vec<TagRule>,
    /// The release of the tag, if it has one.
    pub release: Option<ReleaseId>,
    /// Whether that release is immutable.
    pub immutable: bool,
    /// Whether the tag's name was used by an immutable release that was deleted.
    pub burnt: bool,
}

/// A release to create, with all its links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// The project that will contain it.
    pub project: ProjectId,
    /// Its tag, which is created with it if it does not exist.
    pub tag: TagName,
    /// The display name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The message of the tag; ignored if the tag exists.
    pub tag_message: Option<String>,
    /// The ref to create the tag from; ignored if the tag exists.
    pub target: Option<String>,
    /// When it is created.
    pub created_at: Timestamp,
    /// When it is, or will be, released.
    pub released_at: Timestamp,
    /// The user who creates it.
    pub author: Option<UserId>,
    /// The token that the user acts with.
    pub token: Option<TokenId>,
    /// Its links, in the order in which they get their ids.
    pub links: SentLinks,
    /// What to do if the tag has a release already.
    pub if_exists: IfExists,
}

/// What to do with a new release whose tag has one already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IfExists {
    /// Refuse it.
    #[default]
    Fail,
    /// Leave the existing release as it is.
    Keep,
    /// Change the existing release, and its links to those that are sent. Its tag stays as it is.
    Replace(ReleaseChanges),
}

/// The maximum size of the names, URLs and paths of the links that are read with one release, in bytes. A release
/// within today's limits cannot reach it; older versions had no limits.
pub const MAX_LINK_BYTES: usize = 4 * 1024 * 1024;

/// The maximum number of paths under which the tag of a deleted immutable release is refused. Only groups that were moved
/// again and again have more.
pub const MAX_PATHS_OF_BURNT_TAG: usize = 100;

/// The releases of projects. A read returns `None` if the project does not exist.
///
/// A release of another project MUST NOT be found.
///
/// When an immutable release is deleted, its tag's name MUST be refused to later releases: in that project and, also after
/// another project takes it, under every path that leads to the project at that moment, whether the release is deleted on its
/// own, with its project, or with a group or user above it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReleaseRepository: Send + Sync {
    /// Returns a page of a project's releases, each with its links, newest link first. The batch MUST end before a
    /// release with more than [`Link::MAX_PER_RELEASE`] links or more text than [`Batch::BYTES`].
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        order: ReleaseOrder,
        sort: Sort,
        page: PageRequest,
    ) -> ProjectRead<BatchedPage<Release, ReleaseId>>;

    /// Returns the first of these releases of a project, in this order, each with its links, newest link first.
    /// Releases that no longer exist are left out. If a release from an older version exceeds [`MAX_LINK_BYTES`], only
    /// its newest links, up to that size, are returned.
    async fn read_on(
        &self,
        project: ProjectId,
        releases: Vec<ReleaseId>,
    ) -> Result<Batch<Release, ReleaseId>, StoreError>;

    /// Returns a release with its links, in their order, up to [`Link::MAX_PER_RELEASE`] links and [`MAX_LINK_BYTES`].
    async fn get(&self, key: &ReleaseKey) -> ProjectRead<Release>;

    /// Returns the tag of the release of a project that is selected as of `now`: the one that the channel points to, else
    /// the first according to [`Ranking::apply`]. A release that is to be released later than `now` MUST NOT be found.
    async fn selected(
        &self,
        project: &ProjectRef,
        reader: Reader,
        selection: Selection,
        now: Timestamp,
    ) -> ProjectRead<TagName>;

    /// Returns the data that decides a write. Without a tag, it contains only the rules.
    async fn load_for_write(
        &self,
        project: &ProjectRef,
        reader: Reader,
        tag: Option<TagName>,
    ) -> ProjectRead<WritableProject>;

    /// Creates a release with all its links, or does to the one of its tag what [`NewRelease::if_exists`] says and
    /// [`Release::settle`] decides: all of it, or nothing. Of several writers that race for one tag, exactly one MUST
    /// create the release. The time of the project's last activity MUST follow, as after a deletion.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project does not exist; [`WriteError::Conflict`] if the release is refused. Where an
    /// immutable release [refuses](Release::refuses) what replaces it, this is reported before the faults of links.
    async fn create(&self, release: NewRelease) -> Result<(Release, Outcome), ReleaseWriteError>;

    /// Applies changes to the current state of a release. Its links MUST stay unchanged.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the release does not exist; [`WriteError::Conflict`] if it is immutable and
    /// [refuses](Release::refuses) the changes, or else if the precondition does not hold for the state that they are applied
    /// to.
    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        changes: ReleaseChanges,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError>;

    /// Deletes a release with all its links and returns it. Its tag MUST NOT be deleted.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the release does not exist; [`WriteError::Conflict`] if it is immutable, unless
    /// `even_if_immutable`, or else if the precondition does not hold for the state that is deleted.
    async fn delete(
        &self,
        project: ProjectId,
        release: ReleaseId,
        even_if_immutable: bool,
        precondition: Precondition<Release>,
        origin: Origin,
    ) -> Result<Release, ReleaseChangeError>;

    /// Makes a release immutable, or mutable again, and returns it and whether it was not so before.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the release does not exist.
    async fn set_immutable(
        &self,
        project: ProjectId,
        release: ReleaseId,
        immutable: bool,
        origin: Origin,
    ) -> Result<(Release, bool), WriteError<()>>;
}
