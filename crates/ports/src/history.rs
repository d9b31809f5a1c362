//! The history of projects in storage.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::ProjectId;
use release_links_domain::access::Reader;
#[cfg(doc)]
use release_links_domain::history::{Event, steps};
use release_links_domain::history::{HistoryFilter, HistoryRow, Origin, Step};
use release_links_domain::project::ProjectRef;

use crate::{Batch, BatchedPage, PageRequest, ProjectRead, ReleaseKey, StoreError};

/// A page of a history. The keys of the rows that follow are their numbers.
pub type HistoryPage = BatchedPage<HistoryRow, i64>;

/// The history of projects. A read returns `None` if the project does not exist.
///
/// Every change of a link, release or channel MUST write its row in the transaction of the change; what changes nothing, or
/// only the order of links, MUST write none. `seq` MUST ascend by one from row to row of a project, and `at` MUST NOT
/// descend. The rows of one transaction MUST have one `at`: first those of a release that is created or changed, then those
/// of links, then those of channels, and last that of a release that is deleted.
///
/// A row of another project MUST NOT be found. The history of a project that is deleted MUST NOT be found, though its rows
/// may be deleted afterwards.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HistoryRepository: Send + Sync {
    /// Returns a page of the rows with the tag of a release, also those of an earlier release of the tag, newest first.
    /// Nothing is found if the release does not exist. The batch MUST end before a row with more text than
    /// [`Batch::BYTES`].
    async fn of_release(&self, key: &ReleaseKey, filter: HistoryFilter, page: PageRequest) -> ProjectRead<HistoryPage>;

    /// As [`of_release`](Self::of_release), of all rows of a project.
    async fn of_project(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: HistoryFilter,
        page: PageRequest,
    ) -> ProjectRead<HistoryPage>;

    /// Returns the first of these rows of a project, in this order. Rows that no longer exist are left out.
    async fn read_on(&self, project: ProjectId, rows: Vec<i64>) -> Result<Batch<HistoryRow, i64>, StoreError>;

    /// Returns where the permanent link with this path of an existing release led at a moment, according to [`steps`]. The
    /// time that this takes MUST NOT depend on the length of the history.
    async fn led_at(&self, key: &ReleaseKey, path: &str, at: Timestamp) -> ProjectRead<Step>;

    /// Drops some of the rows of one project that are older than `before`, and returns the project and how many: of the first
    /// project, by id from `from` on, that has such rows; `None` if there is none. The newest row of a project MUST stay. A
    /// project that loses rows MUST get an [`Event::Prune`] once. Where permanent links lead from `before` on MUST still be
    /// found.
    async fn prune(
        &self,
        from: Option<ProjectId>,
        before: Timestamp,
        origin: Origin,
    ) -> Result<Option<(ProjectId, u64)>, StoreError>;
}
