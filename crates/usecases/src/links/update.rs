//! Changes a link.

use release_links_domain::LinkId;
use release_links_domain::link::{Link, LinkConflict, ParsedPatch};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::Precondition;

use super::{LinkShown, ReleaseAddress, ReleaseLinks, Writable};
use crate::{Missing, Refusal};

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
        precondition: Precondition<LinkShown>,
    ) -> Result<LinkShown, Refusal> {
        let Some(id) = id else { return Err(self.no_such_link(caller, address, Intent::Write).await) };
        let candidate = patch.candidate();
        let release = self.load_for_write(caller, address, Some(id), &candidate).await?;
        let precondition = release.on_stored(&precondition);
        self.check_first(caller, address, (id, &patch), &release, &precondition).await?;
        let taken = LinkConflict::between(&candidate, &release.alike);
        let changes = patch.accept(taken).map_err(|faults| release.invalid(faults))?;
        let updated =
            self.links.update(release.project, release.release, id, changes, precondition, self.origin(caller)).await;
        let link = updated.map_err(|error| release.not_updated(error))?;
        Ok(release.show(link))
    }

    /// Refuses a change that an immutable release refuses, or else whose precondition does not hold, before the new values
    /// are judged. The write checks both again.
    async fn check_first(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        (id, patch): (LinkId, &ParsedPatch),
        release: &Writable,
        precondition: &Precondition<Link>,
    ) -> Result<(), Refusal> {
        if precondition.is_none() && !release.immutable {
            return Ok(());
        }
        let view = self.links.get(&address.key(caller)?, id).await?;
        let current = view.and_then(|view| view.found).ok_or(Refusal::NotFound(Missing::Link))?;
        if release.immutable && patch.alters(&current.fields) {
            return Err(Refusal::Immutable);
        }
        if precondition.holds(&current) { Ok(()) } else { Err(release.precondition_failed(current)) }
    }
}
