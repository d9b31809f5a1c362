//! Changes a project's settings, archives or unarchives it.

use release_links_domain::policy::Action;
use release_links_domain::token::Caller;
use release_links_ports::{ProjectChanges, ProjectDetails};

use super::{Projects, into_refusal};
use crate::{Missing, ParameterFaults, Refusal};

impl Projects {
    /// Changes a project's settings. Requires a maintainer.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn update(
        &self,
        caller: &Caller,
        project: &str,
        changes: Result<ProjectChanges, ParameterFaults>,
    ) -> Result<ProjectDetails, Refusal> {
        let (project, user) = self.find(caller, project, Action::ChangeProject).await?;
        self.projects.update(project, changes?, user).await.map_err(|error| into_refusal(error, Missing::Project))
    }

    /// Archives or unarchives a project. Requires an owner.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn archive(&self, caller: &Caller, project: &str, archived: bool) -> Result<ProjectDetails, Refusal> {
        let (project, user) = self.find(caller, project, Action::ArchiveProject).await?;
        let changes = ProjectChanges { archived: Some(archived), ..ProjectChanges::default() };
        self.projects.update(project, changes, user).await.map_err(|error| into_refusal(error, Missing::Project))
    }
}
