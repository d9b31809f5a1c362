//! Releases, which links belong to (docs/contract.md, "Releases").

mod create;
mod delete;
mod get;
mod immutable;
mod list;
mod update;

use std::sync::Arc;

use release_links_domain::access::Admission;
use release_links_domain::link::{LinkDraft, OnConflict};
use release_links_domain::namespace::FullPath;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::token::Caller;
use release_links_domain::{ProjectId, ReleaseId};
use release_links_ports::{
    Batch, Clock, Precondition, ProjectView, ReleaseChangeError, ReleaseNotChanged, ReleaseRepository, WritableProject,
};

use crate::caller::{ask, project_ref};
use crate::{Current, Missing, PartlyRead, Refusal, ReleaseAddress, Unread};

/// The parsed parameters of a new release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseDraft {
    /// Its name, its description and when it is, or will be, released; of a release that exists, the changes.
    pub changes: ReleaseChanges,
    /// The message of the tag, if the tag is created with the release.
    pub tag_message: Option<String>,
    /// The ref that the tag is created from.
    pub target: Option<String>,
    /// Titles of milestones; the service has none, so any title is refused.
    pub milestones: Vec<String>,
    /// Its links, in the order in which they are assigned ids.
    pub links: Vec<LinkDraft>,
    /// What to do if the tag has a release already.
    pub on_conflict: OnConflict,
}

/// The parsed parameters of a change to a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleasePatch {
    /// The changes.
    pub changes: ReleaseChanges,
    /// Titles of milestones; the service has none, so any title is refused.
    pub milestones: Vec<String>,
}

/// A release, with what its addresses are built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseShown {
    /// The release.
    pub release: Release,
    /// The current full path of its project.
    pub project: FullPath,
    /// Whether its release date is in the future.
    pub upcoming: bool,
}

impl ReleaseShown {
    /// Returns the release as not yet loaded, to load it again in full after a partial read.
    #[must_use]
    pub fn unread(&self) -> UnreadReleases {
        let Release { project, id, .. } = self.release;
        UnreadReleases { project, full_path: self.project.clone(), ids: vec![id] }
    }
}

/// A page of releases.
pub type ReleasePage = PartlyRead<ReleaseShown, UnreadReleases>;

/// The releases of a page that the caller may read and that are not loaded yet; all of one project.
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
    /// Works on the releases in `releases`, taking the time from `clock`.
    #[must_use]
    pub fn new(releases: Arc<dyn ReleaseRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { releases, clock }
    }

    fn show(&self, release: Release, project: FullPath) -> ReleaseShown {
        ReleaseShown { upcoming: release.is_upcoming(self.clock.now()), release, project }
    }

    /// Returns the condition on the stored release that follows from one on the release as it is shown.
    fn on_stored(&self, precondition: &Precondition<ReleaseShown>, project: &FullPath) -> Precondition<Release> {
        let (this, project) = (self.clone(), project.clone());
        precondition.on(move |release: &Release| this.show(release.clone(), project.clone()))
    }

    /// Maps an error of a change that the policy had allowed.
    fn not_changed(&self, error: ReleaseChangeError, project: &FullPath) -> Refusal {
        match error {
            ReleaseChangeError::Conflict(ReleaseNotChanged::Immutable) => Refusal::Immutable,
            ReleaseChangeError::Conflict(ReleaseNotChanged::Precondition(current)) => {
                self.precondition_failed(*current, project)
            }
            ReleaseChangeError::Gone => Refusal::NotFound(Missing::Release),
            ReleaseChangeError::Store(error) => Refusal::Store(error),
        }
    }

    /// Refuses a write because a precondition does not hold for the current state of a release.
    fn precondition_failed(&self, current: Release, project: &FullPath) -> Refusal {
        let ReleaseShown { release, project, upcoming } = self.show(current, project.clone());
        Refusal::PreconditionFailed(Box::new(Current::Release { release, project, upcoming }))
    }

    /// Loads the next releases of a page; returns them and what is still not loaded.
    ///
    /// # Errors
    /// Returns [`Refusal::Store`] if storage fails.
    pub async fn read_on(
        &self,
        unread: UnreadReleases,
    ) -> Result<(Vec<ReleaseShown>, Option<UnreadReleases>), Refusal> {
        let UnreadReleases { project, full_path, ids } = unread;
        let Batch { rows, rest } = self.releases.read_on(project, ids).await?;
        let shown = rows.into_iter().map(|release| self.show(release, full_path.clone())).collect();
        Ok((shown, UnreadReleases::of(project, full_path, rest)))
    }

    /// Loads what decides a write to a release that should exist.
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

/// Returns the release to write to. Only a caller who may write to its tag learns that it does not exist.
fn writable(caller: &Caller, resource: Resource, tag: &str, found: &WritableProject) -> Result<ReleaseId, Refusal> {
    ask(caller, resource, Action::WriteReleases { tag, rules: &found.rules })?;
    found.release.ok_or(Refusal::NotFound(Missing::Release))
}

/// Refuses any milestone, since the service has none.
fn refuse_milestones(titles: &[String]) -> Result<(), Refusal> {
    if titles.is_empty() { Ok(()) } else { Err(Refusal::UnknownMilestones(titles.to_vec())) }
}

#[cfg(test)]
mod tests;
