//! Uploading a file that belongs to no package, in a form.

use std::future::Future;
use std::pin::Pin;

use release_links_domain::ProjectId;
use release_links_domain::file::{Upload, UploadName};
use release_links_domain::policy::{Action, Resource};
use release_links_domain::token::Caller;
use release_links_ports::{BoxError, IncomingBytes, NewUpload, StoreError, WriteError};

use super::Files;
use crate::caller::{ask, project_ref};
use crate::{Missing, Refusal};

/// A form with a file.
pub struct UploadForm {
    /// How many bytes the file has at least, as far as the length of the form tells.
    pub least: Option<u64>,
    /// The file, which is found once the form is read so far.
    pub file: IncomingFile,
}

/// Finds the file in a form. An error says why there is none.
pub type IncomingFile = Pin<Box<dyn Future<Output = Result<FileInForm, BoxError>>>>;

/// A file in a form.
pub struct FileInForm {
    /// The name.
    pub name: UploadName,
    /// The bytes, which end well only if the form does.
    pub bytes: IncomingBytes,
}

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The project.
    pub project: ProjectId,
    /// The file.
    pub upload: Upload,
}

impl Files {
    /// Uploads a file. Nothing of the form is read before the caller is known to be allowed to.
    ///
    /// # Errors
    /// Returns the refusals of docs/contract.md, "Files", in that order; [`Refusal::BrokenOff`] if the form has no file or
    /// ends too early.
    pub async fn upload(&self, caller: &Caller, project: &str, form: UploadForm) -> Result<Uploaded, Refusal> {
        ask(caller, Resource::Project(None), Action::AddFile)?;
        let project = self.may_add(caller, &project_ref(project)?).await?;
        if form.least.is_some_and(|length| !self.max_size().allows(length)) {
            return Err(Refusal::FileTooLarge);
        }
        let FileInForm { name, bytes } = form.file.await.map_err(Refusal::BrokenOff)?;
        let kept = self.keep(bytes).await?;
        let (key, secret) = (kept.key.clone(), self.random()?.into());
        self.still_allowed(caller, project.id, &key).await?;
        let upload = NewUpload { secret, name, bytes: kept };
        let created = self.uploads.create(project.id, upload, caller.origin(self.clock.now())).await;
        self.discard_unnamed(&key, &created, |upload| &upload.key).await;
        let upload = created.map_err(|error| match error {
            WriteError::Conflict(()) => StoreError::Internal("an upload has this random secret".into()).into(),
            WriteError::Gone => Refusal::NotFound(Missing::Project),
            WriteError::Store(error) => Refusal::Store(error),
        })?;
        Ok(Uploaded { project: project.id, upload })
    }
}
