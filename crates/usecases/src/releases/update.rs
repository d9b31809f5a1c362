//! Changes a release.

use release_links_domain::release::ReleaseTexts;
use release_links_domain::token::{Caller, Intent};

use super::{ReleasePatch, ReleaseShown, Releases, refuse_milestones, writable};
use crate::caller::{always, see_releases};
use crate::{Missing, ParameterFaults, Refusal, ReleaseAddress};

impl Releases {
    /// Changes a release. `patch` is `None` if the request names no field of a release.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters; no
    /// right to write, or a protected tag; no such release; nothing to change; milestones; texts that are too long.
    pub async fn update(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        wanted: Result<Option<ReleasePatch>, ParameterFaults>,
    ) -> Result<ReleaseShown, Refusal> {
        let view = self.load_for_write(caller, address).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let patch = wanted?;
        let id = writable(caller, resource, &address.tag, &always(found)?)?;
        let patch = patch.ok_or(Refusal::NothingToChange)?;
        refuse_milestones(&patch.milestones)?;
        ReleaseTexts::of(&patch.changes).check().map_err(Refusal::InvalidRelease)?;
        let release = self.releases.update(project.id, id, patch.changes).await?;
        let release = release.ok_or(Refusal::NotFound(Missing::Release))?;
        Ok(self.show(release, project.full_path))
    }
}
