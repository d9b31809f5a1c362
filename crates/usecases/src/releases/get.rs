//! Reads one release with its links.

use release_links_domain::token::{Caller, Intent};

use super::{ReleaseShown, Releases};
use crate::caller::see_releases;
use crate::{Missing, Refusal, ReleaseAddress};

impl Releases {
    /// Returns a release.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn get(&self, caller: &Caller, address: &ReleaseAddress) -> Result<ReleaseShown, Refusal> {
        let view = self.releases.get(&address.key(caller)?).await?;
        let (project, _, release) = see_releases(caller, Intent::Read, view)?;
        let release = release.ok_or(Refusal::NotFound(Missing::Release))?;
        Ok(self.show(release, project.full_path))
    }
}
