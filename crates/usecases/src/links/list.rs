//! `GET …/links`: a page of a release's links, newest first.

use release_links_domain::token::{Caller, Intent};
use release_links_ports::PageRequest;

use super::{LinkPage, LinkShown, ReleaseAddress, ReleaseLinks};
use crate::caller::see_releases;
use crate::{Missing, Refusal};

impl ReleaseLinks {
    /// A page of a release's links.
    ///
    /// # Errors
    /// The refusals of contract section 4, steps 5 to 7.
    pub async fn list(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        page: PageRequest,
    ) -> Result<LinkPage, Refusal> {
        let view = self.links.list(&address.key(caller)?, page).await?;
        let (project, _, page) = see_releases(caller, Intent::Read, view)?;
        let page = page.ok_or(Refusal::NotFound(Missing::Link))?;
        let tag = address.tag()?;
        Ok(page.map(|link| LinkShown { link, project: project.full_path.clone(), tag: tag.clone() }))
    }
}
