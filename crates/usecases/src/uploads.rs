//! Uploads without their bytes (docs/contract.md, "Permissions"): read under their addresses by whoever may read the
//! project; listed, read by id and deleted by its maintainers.

use std::sync::Arc;

use release_links_domain::UploadId;
use release_links_domain::access::Admission;
use release_links_domain::file::{FileRef, Upload, UploadName, UploadSecret};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::{Caller, Intent};
use release_links_ports::{Clock, Page, PageRequest, ProjectView, UploadRepository};

use crate::caller::{always, ask, project_ref, see};
use crate::files::opened;
use crate::packages::refused;
use crate::{Missing, ParameterFaults, Refusal, Tickets};

const ABSENT: Refusal = Refusal::NotFound(Missing::File);

/// The operations on uploads.
#[derive(Clone)]
pub struct Uploads {
    uploads: Arc<dyn UploadRepository>,
    tickets: Tickets,
    clock: Arc<dyn Clock>,
}

impl Uploads {
    /// Works on the uploads in `uploads`, which `tickets` open, taking the time from `clock`.
    #[must_use]
    pub fn new(uploads: Arc<dyn UploadRepository>, tickets: Tickets, clock: Arc<dyn Clock>) -> Self {
        Self { uploads, tickets, clock }
    }

    /// Returns the upload at an address, if there is one. `named` is `None` if the secret or the name is not valid. A good ticket
    /// opens the upload, whoever asks.
    ///
    /// # Errors
    /// Returns a [`Refusal`]: the project, the scope and then the upload.
    pub async fn find(
        &self,
        caller: &Caller,
        project: &str,
        named: Option<(&UploadSecret, &UploadName)>,
        ticket: Option<&str>,
    ) -> Result<Upload, Refusal> {
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        if let Some((secret, name)) = named
            && let file = (FileRef::Upload { secret: secret.clone(), file: name.clone() })
            && let Some(bearer) = self.tickets.reader(ticket, &file, self.clock.now())
            && let Some(upload) = opened(self.uploads.get_file(&project, bearer, secret, name).await?)?
        {
            return Ok(upload);
        }
        let view = match named {
            Some((secret, name)) => self.uploads.get_file(&project, reader, secret, name).await?,
            // The project decides what is told of an upload that cannot be.
            None => self.uploads.get(&project, reader, UploadId::LAST).await?,
        };
        let (_, _, upload) = see(caller, Intent::Read, view)?;
        upload.ok_or(ABSENT)
    }

    /// Returns a page of a project's uploads.
    ///
    /// # Errors
    /// Returns a [`Refusal`]: the project, not signed in, the scope, the role, and then the parameters.
    pub async fn list(
        &self,
        caller: &Caller,
        project: &str,
        page: Result<PageRequest, ParameterFaults>,
    ) -> Result<Page<Upload>, Refusal> {
        let wanted = page.as_ref().copied().unwrap_or_default();
        let view = self.uploads.list(&project_ref(project)?, caller.reader(Admission::SeeProject), wanted).await?;
        let uploads = for_maintainers(caller, view)?;
        page?;
        always(uploads)
    }

    /// Returns an upload. No upload has an id that is `None`.
    ///
    /// # Errors
    /// As for [`list`](Self::list), and then the upload.
    pub async fn get(&self, caller: &Caller, project: &str, id: Option<UploadId>) -> Result<Upload, Refusal> {
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let view = self.uploads.get(&project, reader, id.unwrap_or(UploadId::LAST)).await?;
        for_maintainers(caller, view)?.ok_or(ABSENT)
    }

    /// Deletes an upload.
    ///
    /// # Errors
    /// Returns a [`Refusal`]: not signed in, the project, the scope, the role, and then the upload.
    pub async fn delete(&self, caller: &Caller, project: &str, id: Option<UploadId>) -> Result<(), Refusal> {
        ask(caller, Resource::Project(None), Action::DeleteFile)?;
        let (project, reader) = (project_ref(project)?, caller.reader(Admission::SeeProject));
        let view = self.uploads.get(&project, reader, id.unwrap_or(UploadId::LAST)).await?;
        let (project, resource, upload) = see(caller, Intent::Write, view)?;
        ask(caller, resource, Action::DeleteFile)?;
        let upload = upload.ok_or(ABSENT)?;
        let deleted = self.uploads.delete(project.id, upload.id, caller.origin(self.clock.now())).await;
        deleted.map_err(refused)
    }
}

/// Checks that the caller may read the project's uploads by their ids.
fn for_maintainers<T>(caller: &Caller, view: Option<ProjectView<T>>) -> Result<Option<T>, Refusal> {
    let (_, resource, found) = see(caller, Intent::Read, view)?;
    ask(caller, resource, Action::ReadUploads)?;
    Ok(found)
}
