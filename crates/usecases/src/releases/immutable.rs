//! Makes a release immutable (docs/contract.md, "Immutable releases and history").

use release_links_domain::token::{Caller, Intent};
use release_links_ports::WriteError;

use super::{ReleaseShown, Releases, writable};
use crate::caller::{always, see_releases};
use crate::{Missing, Refusal, ReleaseAddress};

impl Releases {
    /// Makes a release immutable, if it is not so already, and returns it.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; no right to write, or a
    /// protected tag; no such release.
    pub async fn make_immutable(&self, caller: &Caller, address: &ReleaseAddress) -> Result<ReleaseShown, Refusal> {
        let view = self.load_for_write(caller, address).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let id = writable(caller, resource, &address.tag, &always(found)?)?;
        let origin = caller.origin(self.clock.now());
        let made = self.releases.set_immutable(project.id, id, true, origin).await;
        let (release, _) = made.map_err(|error| match error {
            WriteError::Store(error) => Refusal::Store(error),
            WriteError::Gone | WriteError::Conflict(()) => Refusal::NotFound(Missing::Release),
        })?;
        Ok(self.show(release, project.full_path))
    }
}
