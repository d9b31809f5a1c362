//! Packages without the bytes of their files (docs/contract.md, "Permissions"): listed and read by whoever may read the
//! project, deleted by its maintainers.

use std::sync::Arc;

use release_links_domain::access::Admission;
use release_links_domain::file::{Package, PackageFile};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_domain::{PackageFileId, PackageId, ProjectId};
use release_links_ports::{Clock, FileWriteError, PackageFilter, PackageRepository, Page, PageRequest, WriteError};

use crate::caller::{always, ask, project_ref, see};
use crate::{Missing, ParameterFaults, Refusal};

const ABSENT: Refusal = Refusal::NotFound(Missing::File);

/// The operations on packages.
#[derive(Clone)]
pub struct Packages {
    packages: Arc<dyn PackageRepository>,
    clock: Arc<dyn Clock>,
}

impl Packages {
    /// Works on the packages in `packages`, taking the time from `clock`.
    #[must_use]
    pub fn new(packages: Arc<dyn PackageRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { packages, clock }
    }

    /// Returns a page of a project's packages.
    ///
    /// # Errors
    /// Returns a [`Refusal`]: the project, the scope and then the parameters.
    pub async fn list(
        &self,
        caller: &Caller,
        project: &str,
        asked: Result<(PackageFilter, PageRequest), ParameterFaults>,
    ) -> Result<Page<Package>, Refusal> {
        let (filter, page) = asked.as_ref().cloned().unwrap_or_default();
        let reader = caller.reader(Admission::SeeProject);
        let view = self.packages.list(&project_ref(project)?, reader, &filter, page).await?;
        let (_, _, packages) = see(caller, Intent::Read, view)?;
        asked?;
        always(packages)
    }

    /// Returns a package.
    ///
    /// # Errors
    /// Returns a [`Refusal`]: the project, the scope and then the package. No package has an id that is `None`.
    pub async fn get(&self, caller: &Caller, project: &str, id: Option<PackageId>) -> Result<Package, Refusal> {
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let view = self.packages.get(&project, reader, id.unwrap_or(PackageId::LAST)).await?;
        let (_, _, package) = see(caller, Intent::Read, view)?;
        package.ok_or(ABSENT)
    }

    /// Returns a page of a package's files.
    ///
    /// # Errors
    /// As for [`get`](Self::get), after the scope also the parameters.
    pub async fn list_files(
        &self,
        caller: &Caller,
        project: &str,
        id: Option<PackageId>,
        page: Result<PageRequest, ParameterFaults>,
    ) -> Result<Page<PackageFile>, Refusal> {
        let wanted = page.as_ref().copied().unwrap_or_default();
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let view = self.packages.list_files(&project, reader, id.unwrap_or(PackageId::LAST), wanted).await?;
        let (_, _, files) = see(caller, Intent::Read, view)?;
        page?;
        files.ok_or(ABSENT)
    }

    /// Deletes a package with its files.
    ///
    /// # Errors
    /// Returns a [`Refusal`]: not signed in, the project, the scope, the role, and then the package.
    pub async fn delete(&self, caller: &Caller, project: &str, id: Option<PackageId>) -> Result<(), Refusal> {
        let (project, id) = self.to_delete(caller, project, id).await?;
        let deleted = self.packages.delete(project, id, caller.origin(self.clock.now())).await;
        deleted.map_err(refused)
    }

    /// Deletes a file of a package.
    ///
    /// # Errors
    /// As for [`delete`](Self::delete).
    pub async fn delete_file(
        &self,
        caller: &Caller,
        project: &str,
        id: Option<PackageId>,
        file: Option<PackageFileId>,
    ) -> Result<(), Refusal> {
        let (project, id) = self.to_delete(caller, project, id).await?;
        let file = file.ok_or(ABSENT)?;
        let deleted = self.packages.delete_file(project, id, file, caller.origin(self.clock.now())).await;
        deleted.map_err(refused)
    }

    /// Checks that the caller may delete files of the project, and that there is this package.
    async fn to_delete(
        &self,
        caller: &Caller,
        project: &str,
        id: Option<PackageId>,
    ) -> Result<(ProjectId, PackageId), Refusal> {
        ask(caller, Resource::Project(None), Action::DeleteFile)?;
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let view = self.packages.get(&project, reader, id.unwrap_or(PackageId::LAST)).await?;
        let (project, resource, package) = see(caller, Intent::Write, view)?;
        ask(caller, resource, Action::DeleteFile)?;
        Ok((project.id, package.ok_or(ABSENT)?.id))
    }
}

/// Returns why a file was not deleted.
pub(crate) fn refused(error: FileWriteError) -> Refusal {
    match error {
        WriteError::Conflict(obstacle) => obstacle.into(),
        WriteError::Gone => ABSENT,
        WriteError::Store(error) => error.into(),
    }
}
