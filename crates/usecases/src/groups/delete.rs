//! Deletes a group with everything in it.

use release_links_domain::policy::Action;
use release_links_domain::token::Caller;

use super::Groups;
use crate::{Missing, Refusal};

impl Groups {
    /// Deletes a group with its subgroups and projects. Requires an owner.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn delete(&self, caller: &Caller, group: &str) -> Result<(), Refusal> {
        let group = self.find(caller, group, Action::WriteGroup).await?;
        if self.groups.delete(group.id).await? { Ok(()) } else { Err(Refusal::NotFound(Missing::Group)) }
    }
}
