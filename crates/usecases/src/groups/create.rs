//! Creates a top-level group, or a subgroup.

use release_links_domain::GroupId;
use release_links_domain::namespace::Group;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::Caller;
use release_links_ports::NewGroup;

use super::{GroupDraft, Groups, into_refusal, see_group};
use crate::caller::ask_bearer;
use crate::{ParameterFaults, Refusal};

impl Groups {
    /// Creates a group. The creator of a top-level group becomes its owner. A subgroup requires a maintainer of the
    /// parent, who gets no additional level.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create(
        &self,
        caller: &Caller,
        parent: Option<GroupId>,
        draft: Result<GroupDraft, ParameterFaults>,
    ) -> Result<Group, Refusal> {
        let resource = parent.map_or(Resource::Service, |_| Resource::Group(None));
        let bearer = ask_bearer(caller, resource, Action::CreateGroup)?;
        if let Some(parent) = parent {
            see_group(caller, Action::CreateGroup, self.groups.get(parent, caller.user()).await?)?;
        }
        let draft = draft?;
        let group = NewGroup {
            name: draft.name,
            path: draft.path,
            parent,
            description: draft.description,
            visibility: draft.visibility,
            owner: parent.is_none().then_some(bearer.user),
            created_at: self.clock.now(),
        };
        self.groups.create(group).await.map_err(into_refusal)
    }
}
