//! Reads one project.

use release_links_domain::access::Admission;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::ProjectDetails;

use super::Projects;
use crate::Refusal;
use crate::caller::{always, project_ref, see};

impl Projects {
    /// Returns a project, with the caller's levels in it.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn get(&self, caller: &Caller, project: &str) -> Result<ProjectDetails, Refusal> {
        let view = self.projects.get(&project_ref(project)?, caller.reader(Admission::SeeProject)).await?;
        let (_, _, details) = see(caller, Intent::Read, view)?;
        always(details)
    }
}
