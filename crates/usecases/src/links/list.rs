//! Lists a release's links, in their order.

use release_links_domain::link::Link;
use release_links_domain::namespace::FullPath;
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{LinkId, ProjectId};
use release_links_ports::{Batch, BatchedPage, Page, PageRequest};

use super::{ReleaseAddress, ReleaseLinks};
use crate::caller::see_releases;
use crate::{Missing, PartlyRead, Refusal, Unread};

impl ReleaseLinks {
    /// Returns a page of a release's links, of which only as many are loaded as one read allows.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Permissions", steps 5 to 7, in that order.
    pub async fn list(
        &self,
        caller: &Caller,
        address: &ReleaseAddress,
        page: PageRequest,
    ) -> Result<ListedLinks, Refusal> {
        let view = self.links.list(&address.key(caller)?, page).await?;
        let (project, _, page) = see_releases(caller, Intent::Read, view)?;
        let BatchedPage { batch, total, has_next } = page.ok_or(Refusal::NotFound(Missing::Link))?;
        let page = Page { rows: batch.rows, total, has_next };
        let links = LinkPage { page, rest: UnreadLinks::of(project.id, batch.rest) };
        Ok(ListedLinks { project: project.full_path, tag: address.tag()?, links })
    }

    /// Loads the next links of a page; returns them and what is still not loaded.
    ///
    /// # Errors
    /// Returns [`Refusal::Store`] if storage fails.
    pub async fn read_on(&self, unread: UnreadLinks) -> Result<(Vec<Link>, Option<UnreadLinks>), Refusal> {
        let UnreadLinks { project, ids } = unread;
        let Batch { rows, rest } = self.links.read_on(project, ids).await?;
        Ok((rows, UnreadLinks::of(project, rest)))
    }
}

/// A page of a release's links, with what their addresses are built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLinks {
    /// The current full path of the project.
    pub project: FullPath,
    /// The tag of the release.
    pub tag: TagName,
    /// The links.
    pub links: LinkPage,
}

/// A page of links.
pub type LinkPage = PartlyRead<Link, UnreadLinks>;

/// The links of a page that the caller may read and that are not loaded yet; all of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadLinks {
    project: ProjectId,
    ids: Vec<LinkId>,
}

impl UnreadLinks {
    fn of(project: ProjectId, ids: Vec<LinkId>) -> Option<Self> {
        (!ids.is_empty()).then_some(Self { project, ids })
    }
}

impl Unread<Link> for UnreadLinks {
    fn after(mut self, read: &[Link]) -> Self {
        let before = read.iter().map(|link| link.id);
        self.ids = before.chain(self.ids).collect();
        self
    }
}
