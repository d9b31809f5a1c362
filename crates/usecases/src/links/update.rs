//! Changes a link.

use release_links_domain::LinkId;
use release_links_domain::link::ParsedPatch;
use release_links_domain::token::{Caller, Intent};

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::Refusal;

impl ReleaseLinks {
    /// Changes a link of a release.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 10, in that order;
    /// [`Refusal::InvalidLink`] lists all faults of the link.
    pub async fn update(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        id: Option<LinkId>,
        patch: ParsedPatch,
    ) -> Result<LinkShown, Refusal> {
        let Some(id) = id else { return Err(self.no_such_link(caller, address, Intent::Write).await) };
        let release = self.load_for_write(caller, address, Some(id), &patch.candidate()).await?;
        let changes = patch.accept(release.taken).map_err(|faults| release.invalid(faults))?;
        let updated = self.links.update(release.project, release.release, id, changes).await;
        let link = updated.map_err(|error| release.refused(error))?;
        Ok(release.show(link))
    }
}
