//! Release links: list, get, create, update, delete
//! (docs/contract.md, "Link endpoints", "Parameter errors", "Link rules" and "Permissions").

mod create;
mod delete;
mod get;
mod list;
mod manifest;
#[cfg(test)]
mod tests;
mod update;

pub use list::{LinkPage, ListedLinks, UnreadLinks};
pub use manifest::{Applied, Manifests};

use std::sync::Arc;

use release_links_domain::access::Admission;
use release_links_domain::history::Origin;
use release_links_domain::link::{Candidate, Link, LinkFaults, OnConflict};
use release_links_domain::namespace::FullPath;
use release_links_domain::policy::Action;
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{LinkId, ProjectId, ReleaseId};
use release_links_ports::{
    Clock, LinkNotCreated, LinkRefused, LinkRepository, LinkUpdateError, LinkWriteError, Precondition, ReleaseKey,
};

use crate::caller::{ask, project_ref, see_releases};
use crate::{Current, InvalidLink, Missing, Refusal};

/// The release that a request is about, as the request identifies it: a project by id or full path, and a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseAddress {
    /// The project.
    pub project: String,
    /// The tag.
    pub tag: String,
}

impl ReleaseAddress {
    pub(crate) fn key(&self, caller: &Caller) -> Result<ReleaseKey, Refusal> {
        Ok(ReleaseKey {
            project: project_ref(&self.project)?,
            tag: self.tag.clone(),
            reader: caller.reader(Admission::ReadReleases),
        })
    }

    /// Returns the tag, after a release with it was found.
    fn tag(&self) -> Result<TagName, Refusal> {
        self.tag.parse().map_err(|_| Refusal::NotFound(Missing::Link))
    }
}

/// A link, with what its address is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkShown {
    /// The link.
    pub link: Link,
    /// The current full path of its project.
    pub project: FullPath,
    /// The tag of its release.
    pub tag: TagName,
}

/// The operations on links.
#[derive(Clone)]
pub struct ReleaseLinks {
    links: Arc<dyn LinkRepository>,
    clock: Arc<dyn Clock>,
}

/// A release that the policy allows the caller to write to.
struct Writable {
    project: ProjectId,
    full_path: FullPath,
    tag: TagName,
    release: ReleaseId,
    immutable: bool,
    on_conflict: OnConflict,
    links: usize,
    alike: Vec<Link>,
}

impl ReleaseLinks {
    /// Works on the links in `links`, taking the time from `clock`.
    #[must_use]
    pub fn new(links: Arc<dyn LinkRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { links, clock }
    }

    /// Returns the origin of what the caller changes now.
    fn origin(&self, caller: &Caller) -> Origin {
        caller.origin(self.clock.now())
    }

    /// Returns the refusal for a number that cannot be a link's id, after checking that the caller may read the
    /// release.
    async fn no_such_link(&self, caller: &Caller, address: &ReleaseAddress, intent: Intent) -> Refusal {
        let absent = Refusal::NotFound(Missing::Link);
        let release = async {
            let view = self.links.load_for_write(&address.key(caller)?, None, &Candidate::default()).await?;
            see_releases(caller, intent, view)
        };
        release.await.map_or_else(|refusal| refusal, |_| absent)
    }

    /// Loads what decides a write, and checks in this order: the project, the release, the link, the right to write.
    async fn load_for_write(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        link: Option<LinkId>,
        candidate: &Candidate,
    ) -> Result<Writable, Refusal> {
        let view = self.links.load_for_write(&address.key(caller)?, link, candidate).await?;
        let (project, resource, release) = see_releases(caller, Intent::Write, view)?;
        let release = release.ok_or(Refusal::NotFound(Missing::Link))?;
        ask(caller, resource, Action::WriteReleases { tag: &address.tag, rules: &release.rules })?;
        let tag = address.tag()?;
        Ok(Writable {
            project: project.id,
            full_path: project.full_path,
            tag,
            release: release.id,
            immutable: release.immutable,
            on_conflict: release.on_conflict,
            links: release.links,
            alike: release.alike,
        })
    }
}

impl Writable {
    /// Refuses a link with these faults.
    fn invalid(&self, faults: LinkFaults) -> Refusal {
        Refusal::InvalidLink(Box::new(InvalidLink { faults, project: self.project, tag: self.tag.clone() }))
    }

    /// Maps an error of a write that the policy had allowed.
    fn refused(&self, error: LinkWriteError) -> Refusal {
        match error {
            LinkWriteError::Conflict(LinkNotCreated::Immutable) => Refusal::Immutable,
            LinkWriteError::Conflict(LinkNotCreated::Faults(faults)) => self.invalid(faults),
            LinkWriteError::Gone => Refusal::NotFound(Missing::Link),
            LinkWriteError::Store(error) => Refusal::Store(error),
        }
    }

    /// Maps an error of a change or deletion that the policy had allowed.
    fn not_updated(&self, error: LinkUpdateError) -> Refusal {
        match error {
            LinkUpdateError::Conflict(LinkRefused::Immutable) => Refusal::Immutable,
            LinkUpdateError::Conflict(LinkRefused::Taken(taken)) => self.invalid(taken.into()),
            LinkUpdateError::Conflict(LinkRefused::Faults(faults)) => self.invalid(faults),
            LinkUpdateError::Conflict(LinkRefused::Precondition(current)) => self.precondition_failed(*current),
            LinkUpdateError::Gone => Refusal::NotFound(Missing::Link),
            LinkUpdateError::Store(error) => Refusal::Store(error),
        }
    }

    /// Refuses a write because a precondition does not hold for the current state of a link.
    fn precondition_failed(&self, current: Link) -> Refusal {
        let (project, tag) = (self.full_path.clone(), self.tag.clone());
        Refusal::PreconditionFailed(Box::new(Current::Link { link: current, project, tag }))
    }

    /// Returns the condition on the stored link that follows from one on the link as it is shown.
    fn on_stored(&self, precondition: &Precondition<LinkShown>) -> Precondition<Link> {
        let (project, tag) = (self.full_path.clone(), self.tag.clone());
        precondition.on(move |link: &Link| LinkShown { link: link.clone(), project: project.clone(), tag: tag.clone() })
    }

    fn show(&self, link: Link) -> LinkShown {
        LinkShown { link, project: self.full_path.clone(), tag: self.tag.clone() }
    }
}
