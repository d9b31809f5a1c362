//! Deletes a project with everything that belongs to it.

use release_links_domain::policy::Action;
use release_links_domain::token::Caller;

use super::Projects;
use crate::{Missing, Refusal};

impl Projects {
    /// Deletes a project with everything that belongs to it. Requires an owner.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn delete(&self, caller: &Caller, project: &str) -> Result<(), Refusal> {
        let (project, _) = self.find(caller, project, Action::DeleteProject).await?;
        if self.projects.delete(project).await? { Ok(()) } else { Err(Refusal::NotFound(Missing::Project)) }
    }
}
