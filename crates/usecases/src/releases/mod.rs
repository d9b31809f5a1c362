//! Releases: what links belong to (docs/contract.md, "Releases").

mod create;
mod delete;
mod get;
mod list;
mod update;

use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::access::Admission;
use release_links_domain::link::LinkDraft;
use release_links_domain::namespace::FullPath;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::token::Caller;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{Batch, Clock, ProjectView, ReleaseRepository, WritableProject};

use crate::caller::{ask, project_ref};
use crate::{Missing, PartlyRead, Refusal, ReleaseAddress, Unread};

/// A release as somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseDraft {
    /// The name people read.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The message of the tag, if the tag is made with it.
    pub tag_message: Option<String>,
    /// What the tag is made from.
    pub target: Option<String>,
    /// When it is, or will be, released; now, when it is not said.
    pub released_at: Option<Timestamp>,
    /// Titles of milestones, of which we keep none.
    pub milestones: Vec<String>,
    /// Its links, in the order in which they get their ids.
    pub links: Vec<LinkDraft>,
}

/// Changes to a release as somebody asked for them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleasePatch {
    /// What changes.
    pub changes: ReleaseChanges,
    /// Titles of milestones, of which we keep none.
    pub milestones: Vec<String>,
}

/// A release, and what its addresses are built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseShown {
    /// The release.
    pub release: Release,
    /// Where its project is now.
    pub project: FullPath,
    /// Whether its day is still to come.
    pub upcoming: bool,
}

impl ReleaseShown {
    /// The release as one that is still to be read, for one that was read in part.
    #[must_use]
    pub fn unread(&self) -> UnreadReleases {
        let Release { project, id, .. } = self.release;
        UnreadReleases { project, full_path: self.project.clone(), ids: vec![id] }
    }
}

/// A page of releases.
pub type ReleasePage = PartlyRead<ReleaseShown, UnreadReleases>;

/// Releases that a caller may read and that were not read yet: those of a project that follow in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadReleases {
    project: ProjectId,
    full_path: FullPath,
    ids: Vec<ReleaseId>,
}

impl UnreadReleases {
    fn of(project: ProjectId, full_path: FullPath, ids: Vec<ReleaseId>) -> Option<Self> {
        (!ids.is_empty()).then_some(Self { project, full_path, ids })
    }
}

impl Unread<ReleaseShown> for UnreadReleases {
    fn after(mut self, read: &[ReleaseShown]) -> Self {
        let before = read.iter().map(|shown| shown.release.id);
        self.ids = before.chain(self.ids).collect();
        self
    }
}

/// The operations on releases.
#[derive(Clone)]
pub struct Releases {
    releases: Arc<dyn ReleaseRepository>,
    clock: Arc<dyn Clock>,
}

impl Releases {
    /// Works on the releases in `releases`, as of the time that `clock` says.
    #[must_use]
    pub fn new(releases: Arc<dyn ReleaseRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { releases, clock }
    }

    fn show(&self, release: Release, project: FullPath) -> ReleaseShown {
        ReleaseShown { upcoming: release.is_upcoming(self.clock.now()), release, project }
    }

    /// Reads on in a list: the next releases, and what is then left.
    ///
    /// # Errors
    /// [`Refusal::Store`].
    pub async fn read_on(
        &self,
        unread: UnreadReleases,
    ) -> Result<(Vec<ReleaseShown>, Option<UnreadReleases>), Refusal> {
        let UnreadReleases { project, full_path, ids } = unread;
        let Batch { rows, rest } = self.releases.read_on(project, ids).await?;
        let shown = rows.into_iter().map(|release| self.show(release, full_path.clone())).collect();
        Ok((shown, UnreadReleases::of(project, full_path, rest)))
    }

    /// The read that decides a write on a release that should be there.
    async fn load_for_write(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
    ) -> Result<Option<ProjectView<WritableProject>>, Refusal> {
        let project = project_ref(&address.project)?;
        Ok(self
            .releases
            .load_for_write(&project, caller.reader(Admission::ReadReleases), address.tag.parse().ok())
            .await?)
    }
}

/// The release that somebody wants to write on. Only who may write on its tag is told that there is none.
fn writable(caller: &Caller, resource: Resource, tag: &str, found: &WritableProject) -> Result<ReleaseId, Refusal> {
    ask(caller, resource, Action::WriteReleases { tag, rules: &found.rules })?;
    found.release.ok_or(Refusal::NotFound(Missing::Release))
}

/// There are no milestones here, so none may be named.
fn refuse_milestones(titles: &[String]) -> Result<(), Refusal> {
    if titles.is_empty() { Ok(()) } else { Err(Refusal::UnknownMilestones(titles.to_vec())) }
}

#[cfg(test)]
mod tests;
