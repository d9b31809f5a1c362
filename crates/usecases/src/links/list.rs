//! Lists a release's links, in their order.

use release_links_domain::link::Link;
use release_links_domain::namespace::FullPath;
use release_links_domain::tag::TagName;
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{LinkId, ProjectId};
use release_links_ports::{Batch, BatchedPage, Page, PageRequest};

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
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
    ) -> Result<LinkPage, Refusal> {
        let view = self.links.list(&address.key(caller)?, page).await?;
        let (project, _, page) = see_releases(caller, Intent::Read, view)?;
        let BatchedPage { batch, total, has_next } = page.ok_or(Refusal::NotFound(Missing::Link))?;
        let of = Holder { id: project.id, project: project.full_path, tag: address.tag()? };
        let rows = of.show(batch.rows);
        Ok(LinkPage { page: Page { rows, total, has_next }, rest: UnreadLinks::of(of, batch.rest) })
    }

    /// Loads the next links of a page; returns them and what is still not loaded.
    ///
    /// # Errors
    /// Returns [`Refusal::Store`] if storage fails.
    pub async fn read_on(&self, unread: UnreadLinks) -> Result<(Vec<LinkShown>, Option<UnreadLinks>), Refusal> {
        let UnreadLinks { of, ids } = unread;
        let Batch { rows, rest } = self.links.read_on(of.id, ids).await?;
        Ok((of.show(rows), UnreadLinks::of(of, rest)))
    }
}

/// A page of links.
pub type LinkPage = PartlyRead<LinkShown, UnreadLinks>;

/// The links of a page that the caller may read and that are not loaded yet; all of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadLinks {
    of: Holder,
    ids: Vec<LinkId>,
}

/// The release whose links are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Holder {
    id: ProjectId,
    project: FullPath,
    tag: TagName,
}

impl Holder {
    fn show(&self, links: Vec<Link>) -> Vec<LinkShown> {
        let show = |link| LinkShown { link, project: self.project.clone(), tag: self.tag.clone() };
        links.into_iter().map(show).collect()
    }
}

impl UnreadLinks {
    fn of(of: Holder, ids: Vec<LinkId>) -> Option<Self> {
        (!ids.is_empty()).then_some(Self { of, ids })
    }
}

impl Unread<LinkShown> for UnreadLinks {
    fn after(mut self, read: &[LinkShown]) -> Self {
        let before = read.iter().map(|shown| shown.link.id);
        self.ids = before.chain(self.ids).collect();
        self
    }
}
