//! Lists the branches of a project: its default branch alone, because there is no repository behind it.

use release_links_domain::access::Admission;
use release_links_domain::project::Project;
use release_links_domain::tag::TagSearch;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Page, PageRequest};

use super::Projects;
use crate::caller::{always, project_ref, see_releases};
use crate::{ParameterFaults, Refusal};

impl Projects {
    /// Returns a page of a project's branches: the project whose default branch it is, if the search finds its name.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in this order: docs/contract.md, "Permissions", steps 5 and 6; faulty parameters.
    pub async fn branches(
        &self,
        caller: &Caller,
        project: &str,
        wanted: Result<(Option<TagSearch>, PageRequest), ParameterFaults>,
    ) -> Result<Page<Project>, Refusal> {
        let view = self.projects.get(&project_ref(project)?, caller.reader(Admission::ReadReleases)).await?;
        let (_, _, found) = see_releases(caller, Intent::Read, view)?;
        let (search, page) = wanted?;
        let project = always(found)?.project;
        let is_found = search.is_none_or(|search| search.finds(project.default_branch.as_str()));
        let total = u64::from(is_found);
        let rows = (page.offset() < total).then_some(project);
        Ok(Page { rows: rows.into_iter().collect(), total: Some(total), has_next: false })
    }
}
