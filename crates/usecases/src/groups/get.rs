//! `GET /groups/:id`: one group.

use release_links_domain::namespace::Group;
use release_links_domain::token::{Caller, Intent};

use super::{Groups, see_group};
use crate::Refusal;

impl Groups {
    /// One group.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn get(&self, caller: &Caller, group: &str) -> Result<Group, Refusal> {
        let view = self.find(caller, group).await?;
        Ok(see_group(caller, Intent::Read, view)?.0)
    }
}
