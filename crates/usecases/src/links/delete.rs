//! Deletes a link; its id is never reused.

use release_links_domain::LinkId;
use release_links_domain::link::Candidate;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{LinkDeleteError, Precondition};

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::{Missing, Refusal};

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
        let precondition = release.on_stored(&precondition);
        let deleted = self.links.delete(release.project, release.release, id, precondition).await;
        let link = deleted.map_err(|error| match error {
            LinkDeleteError::Conflict(current) => release.precondition_failed(*current),
            LinkDeleteError::Gone => Refusal::NotFound(Missing::Link),
            LinkDeleteError::Store(error) => Refusal::Store(error),
        })?;
        Ok(release.show(link))
    }
}
