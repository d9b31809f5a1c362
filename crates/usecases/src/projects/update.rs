//! A project's settings, and whether it is archived.

use release_links_domain::policy::Action;
use release_links_domain::token::Caller;
use release_links_ports::{ProjectChanges, ProjectDetails};

use super::{Projects, refused};
use crate::{Missing, ParameterFaults, Refusal};

impl Projects {
    /// Changes a project: by a maintainer.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn update(
        &self,
        caller: &Caller,
        project: &str,
        changes: Result<ProjectChanges, ParameterFaults>,
    ) -> Result<ProjectDetails, Refusal> {
        let (project, user) = self.find(caller, project, Action::ChangeProject).await?;
        self.projects.update(project, changes?, user).await.map_err(|error| refused(error, Missing::Project))
    }

    /// Archives a project, or opens it again: by an owner.
    ///
    /// # Errors
    /// The refusals of docs/contract.md, "Provisioning", in its order.
    pub async fn archive(&self, caller: &Caller, project: &str, archived: bool) -> Result<ProjectDetails, Refusal> {
        let (project, user) = self.find(caller, project, Action::ArchiveProject).await?;
        let changes = ProjectChanges { archived: Some(archived), ..ProjectChanges::default() };
        self.projects.update(project, changes, user).await.map_err(|error| refused(error, Missing::Project))
    }
}
