//! Reads one group.

use release_links_domain::namespace::Group;
use release_links_domain::policy::Action;
use release_links_domain::token::{Caller, Intent};

use super::Groups;
use crate::Refusal;

impl Groups {
    /// Returns a group.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn get(&self, caller: &Caller, group: &str) -> Result<Group, Refusal> {
        self.find(caller, group, Action::See(Intent::Read)).await
    }
}
