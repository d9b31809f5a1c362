//! Shows and replaces all links of a release at once (docs/contract.md, "Manifests").

use std::sync::Arc;

use release_links_domain::link::{Candidate, Link, Manifest, ManifestFaults, Plan};
use release_links_domain::release::Release;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, ReleaseRepository};

use super::{ReleaseAddress, ReleaseLinks};
use crate::caller::see_releases;
use crate::{Current, Missing, Refusal};

/// The operations on all links of a release.
#[derive(Clone)]
pub struct Manifests {
    links: ReleaseLinks,
    releases: Arc<dyn ReleaseRepository>,
}

/// What became of a manifest, or what would become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The plan.
    pub plan: Plan,
    /// The links that the release has now, in order.
    pub now: Vec<Link>,
}

impl Manifests {
    /// Works on the links in `links` of the releases in `releases`.
    #[must_use]
    pub fn new(links: ReleaseLinks, releases: Arc<dyn ReleaseRepository>) -> Self {
        Self { links, releases }
    }

    /// Returns all links of a release, in order.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order;
    /// [`Refusal::InvalidManifest`] if an older version let the release grow too large for a manifest.
    pub async fn get(&self, caller: &Caller, address: &ReleaseAddress) -> Result<Vec<Link>, Refusal> {
        self.read(caller, address, Intent::Read).await
    }

    /// Makes the links of a release what the manifest says, or only tells what that would change.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 10, in that order.
    pub async fn put(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        manifest: Manifest,
        dry_run: bool,
        precondition: Precondition<Vec<Link>>,
    ) -> Result<Applied, Refusal> {
        let release = self.links.load_for_write(caller, address, None, &Candidate::default()).await?;
        if dry_run {
            let now = self.read(caller, address, Intent::Write).await?;
            if release.immutable && manifest.alters(&now) {
                return Err(Refusal::Immutable);
            }
            if !precondition.holds(&now) {
                return Err(Refusal::PreconditionFailed(Box::new(Current::Links(now))));
            }
            let plan = manifest.plan(&now).map_err(Refusal::InvalidManifest)?;
            return Ok(Applied { plan, now });
        }
        let origin = self.links.origin(caller);
        let applied = self.links.links.apply(release.project, release.release, manifest, precondition, origin).await;
        let plan = applied.map_err(|error| match error {
            ManifestWriteError::Conflict(ManifestRefused::Immutable) => Refusal::Immutable,
            ManifestWriteError::Conflict(ManifestRefused::Faults(faults)) => Refusal::InvalidManifest(faults),
            ManifestWriteError::Conflict(ManifestRefused::Precondition(now)) => {
                Refusal::PreconditionFailed(Box::new(Current::Links(now)))
            }
            ManifestWriteError::Gone => Refusal::NotFound(Missing::Link),
            ManifestWriteError::Store(error) => Refusal::Store(error),
        })?;
        let now = plan.stored();
        Ok(Applied { plan, now })
    }

    async fn read(&self, caller: &Caller, address: &ReleaseAddress, intent: Intent) -> Result<Vec<Link>, Refusal> {
        let view = self.releases.get(&address.key(caller)?).await?;
        let (_, _, release) = see_releases(caller, intent, view)?;
        let release: Release = release.ok_or(Refusal::NotFound(Missing::Link))?;
        if release.is_partial() {
            return Err(Refusal::InvalidManifest(ManifestFaults::TooMany));
        }
        Ok(release.links)
    }
}
