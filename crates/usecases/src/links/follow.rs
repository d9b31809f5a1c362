//! The permanent link (contract section 7): from a path to wherever the asset is now.

use release_links_domain::access::Step;
use release_links_domain::link::LinkUrl;
use release_links_domain::token::{Caller, Intent};

use super::{ReleaseAddress, ReleaseLinks};
use crate::caller::{ask, see_even_by_an_old_path};
use crate::{Missing, Refusal};

impl ReleaseLinks {
    /// Where the link with this path leads. Who may read the links may follow them.
    ///
    /// # Errors
    /// The refusals of contract section 4, steps 5 to 8.
    pub async fn follow(&self, caller: &Caller, address: &ReleaseAddress, path: &str) -> Result<LinkUrl, Refusal> {
        let view = self.links.get_by_path(&address.key(caller)?, path).await?;
        // The address is permanent: who comes by one that the project has left is sent to the asset all the same.
        let (project, standing, link) = see_even_by_an_old_path(caller, Intent::Read, view)?;
        ask(standing, &project, Step::ReadReleases)?;
        Ok(link.ok_or(Refusal::NotFound(Missing::Link))?.fields.url)
    }
}
