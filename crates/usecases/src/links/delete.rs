//! Deletes a link; its id is never reused.

use release_links_domain::LinkId;
use release_links_domain::link::Candidate;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::Precondition;

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::Refusal;

impl ReleaseLinks {
    /// Deletes a link and returns it.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 9, in that order.
    pub async fn delete(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        id: Option<LinkId>,
        precondition: Precondition<LinkShown>,
    ) -> Result<LinkShown, Refusal> {
        let Some(id) = id else { return Err(self.no_such_link(caller, address, Intent::Write).await) };
        let release = self.load_for_write(caller, address, Some(id), &Candidate::default()).await?;
        let (precondition, origin) = (release.on_stored(&precondition), self.origin(caller));
        let deleted = self.links.delete(release.project, release.release, id, precondition, origin).await;
        let link = deleted.map_err(|error| release.not_updated(error))?;
        Ok(release.show(link))
    }
}
