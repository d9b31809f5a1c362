//! Deletes a release with its links; its tag remains.

use release_links_domain::policy::Action;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::Precondition;

use super::{ReleaseShown, Releases, writable};
use crate::caller::{always, ask, see_releases};
use crate::{Refusal, ReleaseAddress};

impl Releases {
    /// Deletes a release and returns it.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; no right to write, or a
    /// protected tag; no such release; an immutable release, unless the caller owns the project; the precondition.
    pub async fn delete(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        precondition: Precondition<ReleaseShown>,
    ) -> Result<ReleaseShown, Refusal> {
        let view = self.load_for_write(caller, address).await?;
        let (project, resource, found) = see_releases(caller, Intent::Write, view)?;
        let found = always(found)?;
        let id = writable(caller, resource, &address.tag, &found)?;
        let even_if_immutable = ask(caller, resource, Action::DeleteImmutableRelease).is_ok();
        if found.immutable && !even_if_immutable {
            return Err(Refusal::Immutable);
        }
        let precondition = self.on_stored(&precondition, &project.full_path);
        let origin = caller.origin(self.clock.now());
        let deleted = self.releases.delete(project.id, id, even_if_immutable, precondition, origin).await;
        let release = deleted.map_err(|error| self.not_changed(error, &project.full_path))?;
        Ok(self.show(release, project.full_path))
    }
}
