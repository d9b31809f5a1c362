//! Creates a link.

use release_links_domain::link::LinkDraft;
use release_links_domain::token::Caller;

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::Refusal;

impl ReleaseLinks {
    /// Adds a link to a release.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 10, in that order;
    /// [`Refusal::InvalidLink`] lists all faults of the link.
    pub async fn create(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        draft: LinkDraft,
    ) -> Result<LinkShown, Refusal> {
        let draft = draft.parse();
        let release = self.load_for_write(caller, address, None, &draft.candidate()).await?;
        let fields = draft.accept_beside(release.links, release.taken).map_err(|faults| release.invalid(faults))?;
        let created = self.links.create(release.project, release.release, fields).await;
        let link = created.map_err(|error| release.refused(error))?;
        Ok(release.show(link))
    }
}
