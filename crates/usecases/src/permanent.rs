//! Permanent links (docs/contract.md, "Permanent links"): redirects from a stable address to the current URL of an
//! asset, or to the newest release.

use std::sync::Arc;

use release_links_domain::ProjectId;
use release_links_domain::access::Admission;
use release_links_domain::link::LinkFields;
use release_links_domain::namespace::FullPath;
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Clock, LinkRepository, ReleaseRepository};

use crate::caller::{project_ref, see_releases, see_releases_by_any_path};
use crate::{Missing, Refusal, ReleaseAddress};

/// A project's newest release, with what its address is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestRelease {
    /// The project.
    pub project: ProjectId,
    /// The current full path of the project.
    pub full_path: FullPath,
    /// The release's tag.
    pub tag: TagName,
}

/// The operations that redirect.
#[derive(Clone)]
pub struct PermanentLinks {
    links: Arc<dyn LinkRepository>,
    releases: Arc<dyn ReleaseRepository>,
    clock: Arc<dyn Clock>,
}

impl PermanentLinks {
    /// Looks links up in `links` and newest releases in `releases`, taking the time from `clock`.
    #[must_use]
    pub fn new(links: Arc<dyn LinkRepository>, releases: Arc<dyn ReleaseRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { links, releases, clock }
    }

    /// Returns the link with this path in a release.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 8, in that order.
    pub async fn follow(&self, caller: &Caller, address: &ReleaseAddress, path: &str) -> Result<LinkFields, Refusal> {
        let view = self.links.get_by_path(&address.key(caller)?, path).await?;
        // The address is permanent, so a path that the project had before also leads to the asset.
        let (_, _, link) = see_releases_by_any_path(caller, Intent::Read, view)?;
        Ok(link.ok_or(Refusal::NotFound(Missing::Link))?.fields)
    }

    /// Returns the link with this path in the newest release, with a single read.
    ///
    /// # Errors
    /// As for [`follow`](Self::follow).
    pub async fn follow_newest(&self, caller: &Caller, project: &str, path: &str) -> Result<LinkFields, Refusal> {
        let (project, now) = (project_ref(project)?, self.clock.now());
        let view = self.links.get_newest_by_path(&project, caller.reader(Admission::ReadReleases), now, path).await?;
        let (_, _, link) = see_releases_by_any_path(caller, Intent::Read, view)?;
        Ok(link.ok_or(Refusal::NotFound(Missing::Link))?.fields)
    }

    /// Returns the project's newest release. A request by an old path is redirected to the new path first.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn newest(&self, caller: &Caller, project: &str) -> Result<NewestRelease, Refusal> {
        let view = self
            .releases
            .newest(&project_ref(project)?, caller.reader(Admission::ReadReleases), self.clock.now())
            .await?;
        let (project, _, tag) = see_releases(caller, Intent::Read, view)?;
        let tag = tag.ok_or(Refusal::NotFound(Missing::Release))?;
        Ok(NewestRelease { project: project.id, full_path: project.full_path, tag })
    }
}

#[cfg(test)]
mod tests;
