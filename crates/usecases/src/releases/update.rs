//! Changes a release.

use release_links_domain::namespace::FullPath;
use release_links_domain::release::{Release, ReleaseTexts};
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
    /// right to write, or a protected tag; no such release; the precondition; nothing to change; milestones; texts that are too long.
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
        let id = writable(caller, resource, &address.tag, &always(found)?)?;
        let precondition = self.on_stored(&precondition, &project.full_path);
        self.check_first(caller, address, &project.full_path, &precondition).await?;
        let patch = patch.ok_or(Refusal::NothingToChange)?;
        refuse_milestones(&patch.milestones)?;
        ReleaseTexts::of(&patch.changes).check().map_err(Refusal::InvalidRelease)?;
        let updated = self.releases.update(project.id, id, patch.changes, precondition).await;
        let release = updated.map_err(|error| self.not_changed(error, &project.full_path))?;
        Ok(self.show(release, project.full_path))
    }

    /// Refuses a change whose precondition does not hold, before the change is judged. The write checks it again.
    async fn check_first(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        project: &FullPath,
        precondition: &Precondition<Release>,
    ) -> Result<(), Refusal> {
        if precondition.is_none() {
            return Ok(());
        }
        let view = self.releases.get(&address.key(caller)?).await?;
        let current = view.and_then(|view| view.found).ok_or(Refusal::NotFound(Missing::Release))?;
        if precondition.holds(&current) { Ok(()) } else { Err(self.precondition_failed(current, project)) }
    }
}
