//! Permanent links (docs/contract.md, "Permanent links"): from an address that stays to wherever the asset, or the newest release, is now.

use std::sync::Arc;

use release_links_domain::ProjectId;
use release_links_domain::access::Admission;
use release_links_domain::link::LinkUrl;
use release_links_domain::namespace::FullPath;
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Clock, LinkRepository, ReleaseRepository};

use crate::caller::{project_ref, see_releases, see_releases_by_any_path};
use crate::{Missing, Refusal, ReleaseAddress};

/// A project's newest release: what its address is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestRelease {
    /// The project.
    pub project: ProjectId,
    /// Where the project is now.
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
    /// Leads to the links in `links`, and to the newest of `releases` as of the time that `clock` says.
    #[must_use]
    pub fn new(links: Arc<dyn LinkRepository>, releases: Arc<dyn ReleaseRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { links, releases, clock }
    }

    /// Where the link of a release that has this path leads.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Permissions", steps 5 to 8.
    pub async fn follow(&self, caller: &Caller, address: &ReleaseAddress, path: &str) -> Result<LinkUrl, Refusal> {
        let view = self.links.get_by_path(&address.key(caller)?, path).await?;
        // The address is permanent: who comes by one that the project has left is sent to the asset all the same.
        let (_, _, link) = see_releases_by_any_path(caller, Intent::Read, view)?;
        Ok(link.ok_or(Refusal::NotFound(Missing::Link))?.fields.url)
    }

    /// Where the link of the newest release that has this path leads, in one step.
    ///
    /// # Errors
    /// As of [`follow`](Self::follow).
    pub async fn follow_newest(&self, caller: &Caller, project: &str, path: &str) -> Result<LinkUrl, Refusal> {
        let (project, now) = (project_ref(project)?, self.clock.now());
        let view = self.links.get_newest_by_path(&project, caller.reader(Admission::ReadReleases), now, path).await?;
        let (_, _, link) = see_releases_by_any_path(caller, Intent::Read, view)?;
        Ok(link.ok_or(Refusal::NotFound(Missing::Link))?.fields.url)
    }

    /// The project's newest release. Who asks by a path that the project has left is first sent to the new one.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Permissions", steps 5 to 7.
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
