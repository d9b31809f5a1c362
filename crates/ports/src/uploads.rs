//! Uploads in storage.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{Upload, UploadName, UploadSecret};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{ProjectId, UploadId};

use crate::{FileWriteError, KeptBytes, Page, PageRequest, ProjectRead, WriteError};

/// An upload to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpload {
    /// What makes its address hard to guess.
    pub secret: UploadSecret,
    /// The name.
    pub name: UploadName,
    /// Its bytes.
    pub bytes: KeptBytes,
}

/// The uploads of projects. A read returns `None` if the project does not exist.
///
/// An upload of another project MUST NOT be found or deleted, whatever its id.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// Returns a page of a project's uploads, newest first.
    async fn list(&self, project: &ProjectRef, reader: Reader, page: PageRequest) -> ProjectRead<Page<Upload>>;

    /// Returns an upload.
    async fn get(&self, project: &ProjectRef, reader: Reader, upload: UploadId) -> ProjectRead<Upload>;

    /// Returns the upload with this secret, if it has this name.
    async fn get_file(
        &self,
        project: &ProjectRef,
        reader: Reader,
        secret: &UploadSecret,
        name: &UploadName,
    ) -> ProjectRead<Upload>;

    /// Adds an upload whose bytes are kept. If equal bytes are kept already, the upload MUST get their key, and only theirs
    /// stays [in use](crate::KeptFiles::in_use). Its id MUST be higher than that of any upload that ever existed.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project does not exist; [`WriteError::Conflict`] if it has an upload with this secret.
    async fn create(&self, project: ProjectId, upload: NewUpload, origin: Origin) -> Result<Upload, WriteError<()>>;

    /// Deletes an upload. Bytes that no file has any more MUST NOT stay in use.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the upload does not exist; [`WriteError::Conflict`] if an immutable release links to it.
    async fn delete(&self, project: ProjectId, upload: UploadId, origin: Origin) -> Result<(), FileWriteError>;
}
