//! Shows and replaces all links of a release at once (docs/contract.md, "Manifests").

use std::sync::Arc;

use release_links_domain::link::{Candidate, Link, Manifest, ManifestFaults, Plan};
use release_links_domain::release::Release;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{ManifestRefused, ManifestWriteError, Precondition, ReleaseRepository, Run};

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
        // What a dry run shows is read before it plans: if others write in between, a write on the condition of what was
        // shown is refused.
        let shown = if dry_run { Some(self.read(caller, address, Intent::Write).await) } else { None };
        let (origin, run) = (self.links.origin(caller), if dry_run { Run::Dry } else { Run::Real });
        let (project, release) = (release.project, release.release);
        let applied = self.links.links.apply(project, release, manifest, precondition, origin, run).await;
        let plan = applied.map_err(|error| match error {
            ManifestWriteError::Conflict(ManifestRefused::Immutable) => Refusal::Immutable,
            ManifestWriteError::Conflict(ManifestRefused::Faults(faults)) => Refusal::InvalidManifest(faults),
            ManifestWriteError::Conflict(ManifestRefused::Precondition(now)) => {
                Refusal::PreconditionFailed(Box::new(Current::Links(now)))
            }
            ManifestWriteError::Gone => Refusal::NotFound(Missing::Link),
            ManifestWriteError::Store(error) => Refusal::Store(error),
        })?;
        let now = shown.unwrap_or_else(|| Ok(plan.stored()))?;
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
