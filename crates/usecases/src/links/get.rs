//! Reads one link.

use release_links_domain::LinkId;
use release_links_domain::access::Admission;
use release_links_domain::link::Link;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::ProjectView;

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::caller::{project_ref, see_releases};
use crate::{Claimant, Identified, Missing, Refusal};

impl ReleaseLinks {
    /// Returns the caller, and for them a link of a release. Storage may find both at once.
    ///
    /// # Errors
    /// Returns the refusals of [`Claimant::identify`] and, with the caller, those of docs/contract.md, "Permissions", steps 5
    /// to 8, in that order.
    pub async fn get(
        &self,
        claimant: Claimant<'_>,
        address: &ReleaseAddress,
        id: Option<LinkId>,
    ) -> Identified<LinkShown> {
        let claim = claimant.claim(Admission::ReadReleases);
        let (Some(claim), Some(id), Ok(project)) = (claim, id, project_ref(&address.project)) else {
            let caller = claimant.identify().await?;
            let link = self.get_for(&caller, address, id).await;
            return Ok((caller, link));
        };
        let (token, view) = self.links.get_for_bearer(&claim, &project, &address.tag, id).await?;
        let caller = claimant.found(&claim, token)?;
        let link = shown(&caller, address, view);
        Ok((caller, link))
    }

    pub(super) async fn get_for(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        id: Option<LinkId>,
    ) -> Result<LinkShown, Refusal> {
        let Some(id) = id else { return Err(self.no_such_link(caller, address, Intent::Read).await) };
        shown(caller, address, self.links.get(&address.key(caller)?, id).await?)
    }
}

fn shown(caller: &Caller, address: &ReleaseAddress, view: Option<ProjectView<Link>>) -> Result<LinkShown, Refusal> {
    let (project, _, link) = see_releases(caller, Intent::Read, view)?;
    let link = link.ok_or(Refusal::NotFound(Missing::Link))?;
    Ok(LinkShown { link, project: project.full_path, tag: address.tag()? })
}
