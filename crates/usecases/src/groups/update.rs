//! Changes a group's settings and name.

use release_links_domain::namespace::Group;
use release_links_domain::policy::Action;
use release_links_domain::token::Caller;
use release_links_ports::GroupChanges;

use super::{Groups, into_refusal};
use crate::{ParameterFaults, Refusal};

impl Groups {
    /// Changes a group. Requires an owner.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn update(
        &self,
        caller: &Caller,
        group: &str,
        changes: Result<GroupChanges, ParameterFaults>,
    ) -> Result<Group, Refusal> {
        let group = self.find(caller, group, Action::WriteGroup).await?;
        self.groups.update(group.id, changes?).await.map_err(into_refusal)
    }
}
