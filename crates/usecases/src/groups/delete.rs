//! The end of a group with everything below it.

use release_links_domain::policy::Action;
use release_links_domain::token::Caller;

use super::Groups;
use crate::{Missing, Refusal};

impl Groups {
    /// Removes a group with the groups and projects below it: by an owner.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn delete(&self, caller: &Caller, group: &str) -> Result<(), Refusal> {
        let group = self.find(caller, group, Action::WriteGroup).await?;
        if self.groups.delete(group.id).await? { Ok(()) } else { Err(Refusal::NotFound(Missing::Group)) }
    }
}
