//! Lists a project's releases.

use release_links_domain::access::Admission;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Batch, BatchedPage, Page, PageRequest, ReleaseOrder, Sort};

use super::{ReleasePage, Releases, UnreadReleases};
use crate::caller::{always, project_ref, see_releases};
use crate::{ParameterFaults, Refusal};

impl Releases {
    /// Returns a page of a project's releases, of which only as many are loaded as one read allows.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters.
    pub async fn list(
        &self,
        caller: &Caller,
        project: &str,
        wanted: Result<(ReleaseOrder, Sort, PageRequest), ParameterFaults>,
    ) -> Result<ReleasePage, Refusal> {
        let (order, sort, page) = wanted.as_ref().copied().unwrap_or_default();
        let view = self
            .releases
            .list(&project_ref(project)?, caller.reader(Admission::ReadReleases), order, sort, page)
            .await?;
        let (project, _, found) = see_releases(caller, Intent::Read, view)?;
        wanted?;
        let BatchedPage { batch: Batch { rows, rest }, total, has_next } = always(found)?;
        let rows = rows.into_iter().map(|release| self.show(release, project.full_path.clone())).collect();
        let rest = UnreadReleases::of(project.id, project.full_path, rest);
        Ok(ReleasePage { page: Page { rows, total, has_next }, rest })
    }
}
