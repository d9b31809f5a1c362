//! Deletes a release with its links; its tag remains.

use release_links_domain::token::{Caller, Intent};

use super::{ReleaseShown, Releases, writable};
use crate::caller::{always, see_releases};
use crate::{Missing, Refusal, ReleaseAddress};

impl Releases {
    /// Deletes a release and returns it.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; no right to write, or a
    /// protected tag; no such release.
    pub async fn delete(&self, caller: &Caller, address: &ReleaseAddress) -> Result<ReleaseShown, Refusal> {
        let view = self.load_for_write(caller, address).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let id = writable(caller, resource, &address.tag, &always(found)?)?;
        let release = self.releases.delete(project.id, id).await?;
        let release = release.ok_or(Refusal::NotFound(Missing::Release))?;
        Ok(self.show(release, project.full_path))
    }
}
