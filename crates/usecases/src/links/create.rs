//! Creates a link, or changes the one that is there.

use release_links_domain::link::{LinkDraft, OnConflict, Outcome, Settled};
use release_links_domain::token::Caller;

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::Refusal;

impl ReleaseLinks {
    /// Adds a link to a release, or does to the one that is there what `on_conflict` says, or else the project. Returns the
    /// link as it is then.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 10, in that order;
    /// [`Refusal::InvalidLink`] lists all faults of the link.
    pub async fn create(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        draft: LinkDraft,
        on_conflict: Option<OnConflict>,
    ) -> Result<(LinkShown, Outcome), Refusal> {
        let draft = draft.parse();
        let release = self.load_for_write(caller, address, None, &draft.candidate()).await?;
        let wanted = on_conflict.unwrap_or(release.on_conflict);
        if release.immutable && draft.alters(wanted, &release.alike) {
            return Err(Refusal::Immutable);
        }
        let settled = draft.clone().settle(wanted, release.links, &release.alike);
        if let Settled::Leave(link, outcome) = settled.map_err(|faults| release.invalid(faults))? {
            return Ok((release.show(link), outcome));
        }
        let created =
            self.links.create(release.project, release.release, draft, on_conflict, self.origin(caller)).await;
        let (link, outcome) = created.map_err(|error| release.refused(error))?;
        Ok((release.show(link), outcome))
    }
}
