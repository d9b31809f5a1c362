//! Creates a project in a group, or in the caller's own namespace.

use release_links_domain::NamespaceId;
use release_links_domain::namespace::NamespaceKind;
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::Caller;
use release_links_ports::{NewProject, ProjectDetails};

use super::{ProjectDraft, Projects, check_namespace, into_refusal};
use crate::caller::ask_bearer;
use crate::{Missing, ParameterFaults, Refusal};

impl Projects {
    /// Creates a project in `namespace`, or by default in the caller's own.
    ///
    /// # Errors
    /// Returns a [`Refusal`], in the order of docs/contract.md, "Provisioning".
    pub async fn create(
        &self,
        caller: &Caller,
        namespace: Option<NamespaceId>,
        draft: Result<ProjectDraft, ParameterFaults>,
    ) -> Result<ProjectDetails, Refusal> {
        let bearer = ask_bearer(caller, Resource::Namespace(None), Action::CreateProject)?;
        let found = self.projects.namespace(namespace, bearer.user).await?;
        let (namespace, level) = check_namespace(caller, found)?;
        let draft = draft?;
        let project = NewProject {
            name: draft.name,
            path: draft.path,
            namespace: namespace.id,
            description: draft.description,
            default_branch: draft.default_branch,
            topics: draft.topics,
            visibility: draft.visibility,
            releases: draft.releases,
            creator: bearer.user,
            created_at: self.clock.now(),
        };
        let project = self.projects.create(project).await.map_err(|error| into_refusal(error, Missing::Namespace))?;
        let (project_access, group_access) = match namespace.kind {
            NamespaceKind::User => (level, None),
            NamespaceKind::Group => (None, level),
        };
        Ok(ProjectDetails { project, project_access, group_access })
    }
}
