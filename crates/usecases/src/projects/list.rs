//! `GET /projects`: a page of the projects that the caller may see.

use release_links_domain::token::{Caller, Intent, TokenKind};
use release_links_ports::{Page, PageRequest, ProjectDetails, ProjectFilter};

use super::Projects;
use crate::caller::viewer;
use crate::{ParameterFaults, Refusal};

impl Projects {
    /// A page of the projects that the caller may see, newest first. A job token sees its own only.
    ///
    /// # Errors
    /// The refusals of contract section 9, in its order.
    pub async fn list(
        &self,
        caller: &Caller,
        wanted: Result<(ProjectFilter, PageRequest), ParameterFaults>,
    ) -> Result<Page<ProjectDetails>, Refusal> {
        if !caller.covers(Intent::Read) {
            return Err(Refusal::InsufficientScope);
        }
        let (mut filter, page) = wanted?;
        if let Caller::Token(bearer) = caller
            && let TokenKind::Job { project, .. } = bearer.kind
        {
            filter.only = Some(project);
        }
        Ok(self.projects.list(viewer(caller), filter, page).await?)
    }
}
