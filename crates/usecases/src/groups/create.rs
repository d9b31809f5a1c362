//! `POST /groups`: a group, at the top or below another.

use release_links_domain::GroupId;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::Group;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::NewGroup;

use super::{GroupDraft, Groups, refused, see_group};
use crate::caller::{beyond_projects, in_person, signed_in};
use crate::{ParameterFaults, Refusal};

impl Groups {
    /// Makes a group. Who makes one at the top becomes its owner; below another group that takes a maintainer, who gets
    /// no further level.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn create(
        &self,
        caller: &Caller,
        parent: Option<GroupId>,
        draft: Result<GroupDraft, ParameterFaults>,
    ) -> Result<Group, Refusal> {
        let bearer = signed_in(caller)?;
        beyond_projects(caller)?;
        let above = match parent {
            None => None,
            Some(parent) => {
                let view = self.groups.get(parent, caller.user()).await?;
                Some(see_group(caller, Intent::Write, view)?)
            }
        };
        in_person(bearer)?;
        if above.as_ref().is_some_and(|(_, standing)| !standing.is_at_least(AccessLevel::Maintainer)) {
            return Err(Refusal::Forbidden);
        }
        let draft = draft?;
        if above.is_some_and(|(parent, _)| !parent.may_hold_groups()) {
            return Err(ParameterFaults(vec!["parent_id has too deep level of nesting".to_owned()]).into());
        }
        let group = NewGroup {
            name: draft.name,
            path: draft.path,
            parent,
            visibility: draft.visibility,
            owner: parent.is_none().then_some(bearer.user),
            created_at: self.clock.now(),
        };
        self.groups.create(group).await.map_err(refused)
    }
}
