//! Lists the groups that the caller can see.

use release_links_domain::namespace::Group;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::search::finds_nothing;
use release_links_domain::token::Caller;
use release_links_ports::{GroupFilter, Page, PageRequest};

use super::Groups;
use crate::caller::{ask, viewer};
use crate::{ParameterFaults, Refusal};

impl Groups {
    /// Returns a page of the groups that the caller can see.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn list(
        &self,
        caller: &Caller,
        wanted: Result<(GroupFilter, PageRequest), ParameterFaults>,
    ) -> Result<Page<Group>, Refusal> {
        ask(caller, Resource::Service, Action::ListGroups)?;
        let (filter, page) = wanted?;
        if filter.search.as_deref().is_some_and(finds_nothing) {
            return Ok(Page::empty());
        }
        Ok(self.groups.list(viewer(caller), filter, page).await?)
    }
}
