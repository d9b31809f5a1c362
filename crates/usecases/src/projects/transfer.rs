//! `PUT /projects/:id/transfer`: a project to another namespace.

use release_links_domain::access::AccessLevel;
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{ProjectChanges, ProjectDetails};

use super::{Projects, refused, see_namespace};
use crate::caller::{in_person, project_ref, see, signed_in};
use crate::{Missing, ParameterFaults, Refusal};

impl Projects {
    /// Moves a project to the namespace that `target` names by id or full path: by an owner of the project who may make
    /// projects there.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order; those about the target after the faults of the parameter that
    /// names it.
    pub async fn transfer(
        &self,
        caller: &Caller,
        project: &str,
        target: Result<String, ParameterFaults>,
    ) -> Result<ProjectDetails, Refusal> {
        let bearer = signed_in(caller)?;
        let named = target.as_ref().ok().and_then(|target| target.parse().ok());
        let view = self.projects.weigh_transfer(&project_ref(project)?, named, bearer.user).await?;
        let (project, standing, transfer) = see(caller, Intent::Write, view)?;
        in_person(bearer)?;
        if !standing.is_at_least(AccessLevel::Owner) {
            return Err(Refusal::Forbidden);
        }
        target?;
        let ((namespace, ..), standing) = see_namespace(bearer, transfer.target)?;
        if !standing.is_at_least(AccessLevel::Developer) {
            return Err(Refusal::Forbidden);
        }
        if namespace.id == transfer.from {
            return Err(Refusal::SameNamespace);
        }
        let changes = ProjectChanges { namespace: Some(namespace.id), ..ProjectChanges::default() };
        self.projects.update(project.id, changes, bearer.user).await.map_err(|error| refused(error, Missing::Namespace))
    }
}
