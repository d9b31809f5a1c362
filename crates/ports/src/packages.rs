//! Packages and their files in storage.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{
    FileKey, FileObstacle, FilePlacement, FileRef, Package, PackageFile, PackageFileName, PackageName, PackageStatus,
    PackageVersion, StoredBytes,
};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{PackageFileId, PackageId, ProjectId};

use crate::{Page, PageRequest, ProjectRead, WriteError};

/// Why a file was not published, or not deleted.
pub type FileWriteError = WriteError<FileObstacle>;

/// What a request calls a file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFileRef {
    /// The name of the package.
    pub package: PackageName,
    /// Its version.
    pub version: PackageVersion,
    /// The name of the file.
    pub file: PackageFileName,
}

impl From<PackageFileRef> for FileRef {
    fn from(named: PackageFileRef) -> Self {
        let PackageFileRef { package: name, version, file } = named;
        Self::Package { name, version, file }
    }
}

/// Bytes that a file store keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBytes {
    /// Their key.
    pub key: FileKey,
    /// What is known of them.
    pub bytes: StoredBytes,
}

/// Which packages are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageFilter {
    /// Only packages with this text in their name, ignoring case.
    pub name: Option<String>,
    /// Only packages with this version.
    pub version: Option<String>,
}

/// The packages of projects. A read returns `None` if the project does not exist.
///
/// A package or file of another project MUST NOT be found, changed or deleted, whatever its id.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PackageRepository: Send + Sync {
    /// Returns a page of a project's packages, oldest first. Hidden ones MUST NOT be listed.
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &PackageFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<Package>>;

    /// Returns a package, which may be hidden.
    async fn get(&self, project: &ProjectRef, reader: Reader, package: PackageId) -> ProjectRead<Package>;

    /// Returns a page of a package's files, oldest first. Nothing is found if there is no such package.
    async fn list_files(
        &self,
        project: &ProjectRef,
        reader: Reader,
        package: PackageId,
        page: PageRequest,
    ) -> ProjectRead<Page<PackageFile>>;

    /// Returns the file that a request names: of several with the same name, the newest.
    async fn get_file(&self, project: &ProjectRef, reader: Reader, file: &PackageFileRef) -> ProjectRead<PackageFile>;

    /// Returns what decides whether a file may be published.
    async fn load_for_publish(
        &self,
        project: &ProjectRef,
        reader: Reader,
        file: &PackageFileRef,
    ) -> ProjectRead<FilePlacement>;

    /// Adds a file whose bytes are kept, and its package if there is none of that name and version. A `status` becomes that
    /// of the package, whether or not it is new. If equal bytes are kept already, the file MUST get their key, and only
    /// theirs stays [in use](crate::KeptFiles::in_use). An id MUST be higher than that of any file, or package, that ever
    /// existed.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the project does not exist; [`WriteError::Conflict`] with the error of
    /// [`FilePlacement::check`] as of the transaction of the write, however many writers race.
    async fn publish(
        &self,
        project: ProjectId,
        file: PackageFileRef,
        status: Option<PackageStatus>,
        bytes: KeptBytes,
        origin: Origin,
    ) -> Result<PackageFile, FileWriteError>;

    /// Deletes a package with its files. Bytes that no file has any more MUST NOT stay in use.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the package does not exist; [`WriteError::Conflict`] if an immutable release links to one of
    /// its files.
    async fn delete(&self, project: ProjectId, package: PackageId, origin: Origin) -> Result<(), FileWriteError>;

    /// Deletes a file of a package, which stays. Bytes that no file has any more MUST NOT stay in use.
    ///
    /// # Errors
    /// [`WriteError::Gone`] if the file does not exist; [`WriteError::Conflict`] if an immutable release links to it.
    async fn delete_file(
        &self,
        project: ProjectId,
        package: PackageId,
        file: PackageFileId,
        origin: Origin,
    ) -> Result<(), FileWriteError>;
}
