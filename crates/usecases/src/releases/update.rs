//! Changes a release.

use release_links_domain::namespace::FullPath;
use release_links_domain::release::{Release, ReleaseChanges, ReleaseTexts, SentLinks};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::Precondition;

use super::{ReleasePatch, ReleaseShown, Releases, refuse_milestones, writable};
use crate::caller::{always, see_releases};
use crate::{Missing, ParameterFaults, Refusal, ReleaseAddress};

impl Releases {
    /// Changes a release. `patch` is `None` if the request names no field of a release.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters; no
    /// right to write, or a protected tag; no such release; a new date of an immutable release; the
    /// precondition; nothing to change; milestones; texts that are too long.
    pub async fn update(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        wanted: Result<Option<ReleasePatch>, ParameterFaults>,
        precondition: Precondition<ReleaseShown>,
    ) -> Result<ReleaseShown, Refusal> {
        let view = self.load_for_write(caller, address).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let patch = wanted?;
        let found = always(found)?;
        let id = writable(caller, resource, &address.tag, &found)?;
        let precondition = self.on_stored(&precondition, &project.full_path);
        if found.immutable || !precondition.is_none() {
            let changes = patch.as_ref().map(|patch| &patch.changes);
            self.check_first(caller, address, &project.full_path, changes, &precondition).await?;
        }
        let patch = patch.ok_or(Refusal::NothingToChange)?;
        refuse_milestones(&patch.milestones)?;
        ReleaseTexts::of(&patch.changes).check().map_err(Refusal::InvalidRelease)?;
        let updated =
            self.releases.update(project.id, id, patch.changes, precondition, caller.origin(self.clock.now())).await;
        let release = updated.map_err(|error| self.not_changed(error, &project.full_path))?;
        Ok(self.show(release, project.full_path))
    }

    /// Refuses a change that an immutable release refuses, or else whose precondition does not hold, before the change is
    /// judged. The write checks both again.
    async fn check_first(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        project: &FullPath,
        changes: Option<&ReleaseChanges>,
        precondition: &Precondition<Release>,
    ) -> Result<(), Refusal> {
        let view = self.releases.get(&address.key(caller)?).await?;
        let current = view.and_then(|view| view.found).ok_or(Refusal::NotFound(Missing::Release))?;
        if changes.is_some_and(|changes| current.refuses(changes, &SentLinks::default(), &[])) {
            return Err(Refusal::Immutable);
        }
        if precondition.holds(&current) { Ok(()) } else { Err(self.precondition_failed(current, project)) }
    }
}
