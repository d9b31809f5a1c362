//! Changes a link.

use release_links_domain::LinkId;
use release_links_domain::link::ParsedPatch;
use release_links_domain::token::{Caller, Intent};

use super::{LinkShown, ReleaseAddress, ReleaseLinks, into_refusal};
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
        let changes = patch.accept(release.taken).map_err(Refusal::InvalidLink)?;
        let link = self.links.update(release.project, release.release, id, changes).await.map_err(into_refusal)?;
        Ok(release.show(link))
    }
}
