//! Links in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::{Reader, TagRule};
use release_links_domain::link::{Candidate, Link, LinkChanges, LinkConflict, LinkFields, LinkObstacle};
use release_links_domain::project::ProjectRef;
use release_links_domain::{LinkId, ProjectId, ReleaseId};

use crate::{Batch, BatchedPage, PageRequest, ProjectRead, ReleaseKey, StoreError, WriteError};

/// Why a write of a link was not done.
pub type LinkWriteError = WriteError<LinkObstacle>;

/// A page of a release's links.
pub type LinkPage = BatchedPage<Link, LinkId>;

/// A release that somebody wants to write on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritableRelease {
    /// The release.
    pub id: ReleaseId,
    /// The rules of its project that protect its tag.
    pub rules: Vec<TagRule>,
    /// How many links it has, where one more is to be added: counted up to [`Link::MAX_PER_RELEASE`], so that no request
    /// counts without bound.
    pub links: usize,
    /// What the candidate collides with.
    pub taken: LinkConflict,
}

/// The links of releases. `None` means that there is no such project; `found: None` that there is no such release, or no
/// such link in it.
///
/// A release or link of another project MUST NOT be found, changed or deleted, whatever its id.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LinkRepository: Send + Sync {
    /// A page of a release's links, newest (highest id) first. The batch MUST end before a link that holds more than
    /// [`LinkFields::MAX_TEXT_BYTES`], as one of an older version may.
    async fn list(&self, key: &ReleaseKey, page: PageRequest) -> ProjectRead<LinkPage>;

    /// The first of these links of a project, in this order. Those that are gone are left out.
    async fn read_on(&self, project: ProjectId, links: Vec<LinkId>) -> Result<Batch<Link, LinkId>, StoreError>;

    /// One link of a release.
    async fn get(&self, key: &ReleaseKey, link: LinkId) -> ProjectRead<Link>;

    /// The link of a release that has this path; a text that is no path finds nothing.
    async fn get_by_path(&self, key: &ReleaseKey, path: &str) -> ProjectRead<Link>;

    /// The link that has this path in the project's newest release as of `now`, see
    /// [`newest`](crate::ReleaseRepository::newest). It MUST be that release's, or none.
    async fn get_newest_by_path(
        &self,
        project: &ProjectRef,
        reader: Reader,
        now: Timestamp,
        path: &str,
    ) -> ProjectRead<Link>;

    /// What a write needs to be decided: the rules on tags, and what `candidate` collides with among the links of the
    /// release other than `link`. When `link` is named and is not in the release, nothing is found.
    async fn load_for_write(
        &self,
        key: &ReleaseKey,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> ProjectRead<WritableRelease>;

    /// Adds a link. Its id MUST be higher than that of any link there ever was. Of several writers that race for one
    /// value, exactly one MUST succeed; the others MUST be told every value that is taken. A release MUST NOT get more than
    /// [`Link::MAX_PER_RELEASE`] links, however many writers race; [`LinkObstacle::to_one_more`] says what they are told.
    async fn create(&self, project: ProjectId, release: ReleaseId, fields: LinkFields) -> Result<Link, LinkWriteError>;

    /// Applies changes to the link as it is at that moment. A value that another link holds MUST leave it unchanged.
    async fn update(
        &self,
        project: ProjectId,
        release: ReleaseId,
        link: LinkId,
        changes: LinkChanges,
    ) -> Result<Link, LinkWriteError>;

    /// Removes a link and says what it was; `None` when it was gone already.
    async fn delete(&self, project: ProjectId, release: ReleaseId, link: LinkId) -> Result<Option<Link>, StoreError>;
}
