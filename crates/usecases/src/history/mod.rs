//! The history of links, releases and channels (docs/contract.md, "Immutable releases and history").

mod local;

use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::ProjectId;
use release_links_domain::access::Admission;
use release_links_domain::history::{HistoryFilter, HistoryRow, Step};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{
    Batch, BatchedPage, HistoryPage as StoredPage, HistoryRepository, Page, PageRequest, ProjectView,
};

use crate::caller::{ask, project_ref, see_releases};
use crate::{Missing, PartlyRead, Refusal, ReleaseAddress, Unread};

pub use local::{LocalHistory, LocalHistoryError};

/// A page of a history, newest row first. Its rows have an actor only if the caller may know who it was.
pub type HistoryPage = PartlyRead<HistoryRow, UnreadHistory>;

/// The rows of a page that the caller may read and that are not loaded yet; all of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadHistory {
    project: ProjectId,
    with_actors: bool,
    rows: Vec<i64>,
}

impl UnreadHistory {
    fn of(project: ProjectId, with_actors: bool, rows: Vec<i64>) -> Option<Self> {
        (!rows.is_empty()).then_some(Self { project, with_actors, rows })
    }
}

impl Unread<HistoryRow> for UnreadHistory {
    fn after(mut self, read: &[HistoryRow]) -> Self {
        let before = read.iter().map(|row| row.seq);
        self.rows = before.chain(self.rows).collect();
        self
    }
}

/// Removes the actors from rows, unless the caller may know them.
fn shown(rows: Vec<HistoryRow>, with_actors: bool) -> Vec<HistoryRow> {
    rows.into_iter().map(|row| HistoryRow { actor: row.actor.filter(|_| with_actors), ..row }).collect()
}

/// The operations on histories.
#[derive(Clone)]
pub struct History {
    history: Arc<dyn HistoryRepository>,
}

impl History {
    /// Reads the histories in `history`.
    #[must_use]
    pub fn new(history: Arc<dyn HistoryRepository>) -> Self {
        Self { history }
    }

    /// Returns a page of the history of a tag that has a release, of which only as many rows are loaded as one read allows.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn of_release(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        filter: HistoryFilter,
        page: PageRequest,
    ) -> Result<HistoryPage, Refusal> {
        page_of(caller, self.history.of_release(&address.key(caller)?, filter, page).await?, Missing::Link)
    }

    /// Returns a page of the history of a project, of which only as many rows are loaded as one read allows.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 and 6, in that order.
    pub async fn of_project(
        &self,
        caller: &Caller,
        project: &str,
        filter: HistoryFilter,
        page: PageRequest,
    ) -> Result<HistoryPage, Refusal> {
        let reader = caller.reader(Admission::ReadReleases);
        page_of(caller, self.history.of_project(&project_ref(project)?, reader, filter, page).await?, Missing::Project)
    }

    /// Loads the next rows of a page; returns them and what is still not loaded.
    ///
    /// # Errors
    /// Returns [`Refusal::Store`] if storage fails.
    pub async fn read_on(&self, unread: UnreadHistory) -> Result<(Vec<HistoryRow>, Option<UnreadHistory>), Refusal> {
        let UnreadHistory { project, with_actors, rows } = unread;
        let Batch { rows, rest } = self.history.read_on(project, rows).await?;
        Ok((shown(rows, with_actors), UnreadHistory::of(project, with_actors, rest)))
    }

    /// Returns where a permanent link of a release led at a moment.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 8, in that order.
    pub async fn led_at(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        path: &str,
        at: Timestamp,
    ) -> Result<Step, Refusal> {
        let view = self.history.led_at(&address.key(caller)?, path, at).await?;
        let (_, _, step) = see_releases(caller, Intent::Read, view)?;
        step.ok_or(Refusal::NotFound(Missing::Link))
    }
}

fn page_of(caller: &Caller, view: Option<ProjectView<StoredPage>>, missing: Missing) -> Result<HistoryPage, Refusal> {
    let (project, resource, page) = see_releases(caller, Intent::Read, view)?;
    let BatchedPage { batch: Batch { rows, rest }, total, has_next } = page.ok_or(Refusal::NotFound(missing))?;
    let with_actors = may_see_actors(caller, resource);
    let page = Page { rows: shown(rows, with_actors), total, has_next };
    Ok(HistoryPage { page, rest: UnreadHistory::of(project.id, with_actors, rest) })
}

fn may_see_actors(caller: &Caller, resource: Resource) -> bool {
    ask(caller, resource, Action::ReadActors).is_ok()
}

#[cfg(test)]
mod tests;
