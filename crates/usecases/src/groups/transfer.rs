//! Moves a group under another one, or to the top level.

use release_links_domain::GroupId;
use release_links_domain::namespace::Group;
use release_links_domain::policy::Action;
use release_links_domain::token::Caller;
use release_links_ports::GroupChanges;

use super::{Groups, into_refusal, see_group};
use crate::{ParameterFaults, Refusal};

impl Groups {
    /// Moves a group with everything below it under `target`, or to the top level. Requires an owner of the group who may
    /// create groups in the target.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning"; refusals about the target follow the
    /// faults of the parameter that names it.
    pub async fn transfer(
        &self,
        caller: &Caller,
        group: &str,
        target: Result<Option<GroupId>, ParameterFaults>,
    ) -> Result<Group, Refusal> {
        let group = self.find(caller, group, Action::WriteGroup).await?;
        let target = target?;
        if let Some(target) = target {
            see_group(caller, Action::CreateGroup, self.groups.get(target, caller.user()).await?)?;
        }
        let changes = GroupChanges { parent: Some(target), ..GroupChanges::default() };
        self.groups.update(group.id, changes).await.map_err(into_refusal)
    }
}
