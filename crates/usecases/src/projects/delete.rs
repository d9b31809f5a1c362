//! The end of a project with all that belongs to it.

use release_links_domain::policy::Action;
use release_links_domain::token::Caller;

use super::Projects;
use crate::{Missing, Refusal};

impl Projects {
    /// Removes a project with all that belongs to it: by an owner.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn delete(&self, caller: &Caller, project: &str) -> Result<(), Refusal> {
        let (project, _) = self.find(caller, project, Action::DeleteProject).await?;
        if self.projects.delete(project).await? { Ok(()) } else { Err(Refusal::NotFound(Missing::Project)) }
    }
}
