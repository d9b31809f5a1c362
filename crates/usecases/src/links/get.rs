//! Reads one link.

use release_links_domain::LinkId;
use release_links_domain::token::{Caller, Intent};

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::caller::see_releases;
use crate::{Missing, Refusal};

impl ReleaseLinks {
    /// Returns a link of a release.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 8, in that order.
    pub async fn get(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        id: Option<LinkId>,
    ) -> Result<LinkShown, Refusal> {
        let Some(id) = id else { return Err(self.no_such_link(caller, address, Intent::Read).await) };
        let view = self.links.get(&address.key(caller)?, id).await?;
        let (project, _, link) = see_releases(caller, Intent::Read, view)?;
        let link = link.ok_or(Refusal::NotFound(Missing::Link))?;
        Ok(LinkShown { link, project: project.full_path, tag: address.tag()? })
    }
}
