//! Deletes a link; its id is never reused.

use release_links_domain::LinkId;
use release_links_domain::link::Candidate;
use release_links_domain::token::{Caller, Intent};

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
    ) -> Result<LinkShown, Refusal> {
        let Some(id) = id else { return Err(self.no_such_link(caller, address, Intent::Write).await) };
        let release = self.load_for_write(caller, address, Some(id), &Candidate::default()).await?;
        let link = self.links.delete(release.project, release.release, id).await?;
        let link = link.ok_or(Refusal::NotFound(Missing::Link))?;
        Ok(release.show(link))
    }
}
