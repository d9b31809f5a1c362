//! Permanent links (docs/contract.md, "Permanent links"): redirects from a stable address to the current URL of an
//! asset, or to the newest release; and the checksum file of a release ("Digests").

use std::sync::Arc;

use release_links_domain::ProjectId;
use release_links_domain::access::Admission;
use release_links_domain::channel::Selection;
use release_links_domain::link::{AssetNames, HashAlgorithm, LinkFields};
use release_links_domain::namespace::FullPath;
use release_links_domain::newest::Preferences;
use release_links_domain::release::Release;
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Clock, LinkRepository, ProjectFacts, ReleaseKey, ReleaseRepository};

use crate::caller::{project_ref, see_releases, see_releases_by_any_path};
use crate::{Missing, ParameterFaults, Refusal, ReleaseAddress, Tickets};

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

/// What is at a permanent address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asset {
    /// A link.
    Link {
        /// Its fields.
        fields: LinkFields,
        /// What opens the file that it leads to, if it is one of the project's and not open to everybody.
        ticket: Option<String>,
    },
    /// The checksum file of a release that has no link with its path.
    Checksums(String),
}

/// What stands for assets in a checksum file, as a request says; its faults matter only where there is such a file.
pub type AskedNames = Result<AssetNames, ParameterFaults>;

/// The operations that redirect.
#[derive(Clone)]
pub struct PermanentLinks {
    links: Arc<dyn LinkRepository>,
    releases: Arc<dyn ReleaseRepository>,
    tickets: Tickets,
    clock: Arc<dyn Clock>,
}

impl PermanentLinks {
    /// Looks links up in `links` and newest releases in `releases`, taking the time from `clock`; `tickets` open the files of
    /// the service.
    #[must_use]
    pub fn new(
        links: Arc<dyn LinkRepository>,
        releases: Arc<dyn ReleaseRepository>,
        tickets: Tickets,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { links, releases, tickets, clock }
    }

    /// Returns what is at this path of a release: the link with the path or, without one, a checksum file.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 8, in that order.
    pub async fn follow(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        path: &str,
        names: AskedNames,
    ) -> Result<Asset, Refusal> {
        let key = address.key(caller)?;
        let view = self.links.get_by_path(&key, path).await?;
        // The address is permanent, so a path that the project had before also leads to the asset.
        let (project, _, link) = see_releases_by_any_path(caller, Intent::Read, view)?;
        match link {
            Some(link) => self.to_asset(&project, link.fields).await,
            None => Ok(Asset::Checksums(self.checksums_at(caller, &key, checksum_file_at(path)?, names).await?)),
        }
    }

    /// Returns what is at this path in the newest release, and that release's tag. A link takes a single read.
    ///
    /// # Errors
    /// As for [`follow`](Self::follow).
    pub async fn follow_newest(
        &self,
        caller: &Caller,
        project: &str,
        selector: &str,
        preferences: Preferences,
        path: &str,
        names: AskedNames,
    ) -> Result<(TagName, Asset), Refusal> {
        let (project, now) = (project_ref(project)?, self.clock.now());
        let (reader, selection) = (caller.reader(Admission::ReadReleases), Selection::of(selector, preferences));
        let view = self.links.get_selected_by_path(&project, reader, selection.clone(), now, path).await?;
        let (facts, _, found) = see_releases_by_any_path(caller, Intent::Read, view)?;
        if let Some((tag, link)) = found {
            return Ok((tag, self.to_asset(&facts, link.fields).await?));
        }
        let algorithm = checksum_file_at(path)?;
        let view = self.releases.selected(&project, reader, selection, now).await?;
        let (_, _, tag) = see_releases_by_any_path(caller, Intent::Read, view)?;
        let tag = tag.ok_or(Refusal::NotFound(Missing::Link))?;
        let key = ReleaseKey { project, tag: tag.to_string(), reader };
        Ok((tag, Asset::Checksums(self.checksums_at(caller, &key, algorithm, names).await?)))
    }

    /// Returns a link as what is at its path.
    async fn to_asset(&self, project: &ProjectFacts, fields: LinkFields) -> Result<Asset, Refusal> {
        let ticket = self.tickets.issue(project, &fields.url, self.clock.now()).await?;
        Ok(Asset::Link { fields, ticket })
    }

    /// Returns the checksum file of a release.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn checksums(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        algorithm: HashAlgorithm,
        names: AssetNames,
    ) -> Result<String, Refusal> {
        let view = self.releases.get(&address.key(caller)?).await?;
        let (_, _, release) = see_releases(caller, Intent::Read, view)?;
        self.checksums_of(release, algorithm, names).await
    }

    /// Returns the checksum file of a release, whatever path of the project the request names.
    async fn checksums_at(
        &self,
        caller: &Caller,
        key: &ReleaseKey,
        algorithm: HashAlgorithm,
        names: AskedNames,
    ) -> Result<String, Refusal> {
        let (_, _, release) = see_releases_by_any_path(caller, Intent::Read, self.releases.get(key).await?)?;
        self.checksums_of(release, algorithm, names?).await
    }

    /// Returns the checksum file of a release that was found. Loads the rest of a release from an older version, which may
    /// have more links than are read at once.
    async fn checksums_of(
        &self,
        found: Option<Release>,
        algorithm: HashAlgorithm,
        names: AssetNames,
    ) -> Result<String, Refusal> {
        const NONE: Refusal = Refusal::NotFound(Missing::Link);
        let mut release = found.ok_or(NONE)?;
        if release.is_partial() {
            let whole = self.releases.read_on(release.project, vec![release.id]).await?;
            release = whole.rows.into_iter().next().ok_or(NONE)?;
        }
        algorithm.checksums(release.links.iter().map(|link| &link.fields), names).ok_or(NONE)
    }

    /// Returns the project's newest release. A request by an old path is redirected to the new path first.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn newest(
        &self,
        caller: &Caller,
        project: &str,
        selector: &str,
        preferences: Preferences,
    ) -> Result<NewestRelease, Refusal> {
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::ReadReleases));
        let selection = Selection::of(selector, preferences);
        let view = self.releases.selected(&project, reader, selection, self.clock.now()).await?;
        let (project, _, tag) = see_releases(caller, Intent::Read, view)?;
        let tag = tag.ok_or(Refusal::NotFound(Missing::Link))?;
        Ok(NewestRelease { project: project.id, full_path: project.full_path, tag })
    }
}

/// Returns the algorithm whose checksum file has this path.
fn checksum_file_at(path: &str) -> Result<HashAlgorithm, Refusal> {
    let file = path.strip_prefix('/');
    let algorithm = HashAlgorithm::ALL.into_iter().find(|algorithm| file == Some(algorithm.checksum_file()));
    algorithm.ok_or(Refusal::NotFound(Missing::Link))
}

#[cfg(test)]
mod tests;
