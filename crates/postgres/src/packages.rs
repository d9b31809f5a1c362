//! The port of packages.

use async_trait::async_trait;
use release_links_domain::access::Reader;
use release_links_domain::file::{FilePlacement, FileRef, Package, PackageFile, PackageStatus};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{PackageFileId, PackageId, ProjectId};
use release_links_ports::{
    FileWriteError, KeptBytes, PackageFileRef, PackageFilter, PackageRepository, Page, PageRequest, ProjectRead,
    WriteError,
};
use release_links_sql::packages::files::{file, name as file_name};
use release_links_sql::packages::package as package_of;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::following::{check_package, check_unprotected, follow};
use crate::keeping::{delete_files, ids, row_of};
use crate::paging;
use crate::query::{Session, Values, parameters, together};
use crate::rows::Row;
use crate::tables::packages::{
    BY_ID, DELETE, DELETE_FILES, FILE, FILE_OF, FILES_OF, GET, INSERT_FILE, LIST, LIST_FILES, NEWEST, PACKAGE_FOR,
    PLACEMENT, PLACEMENT_OF, SEARCH,
};
use crate::tables::releases::LOCK_PROJECT;
use crate::view::{FOUND_AT, TOTAL_AT, view};

/// Reads what decides whether a file may be published, from the id of its project on.
fn placement(row: &Row, at: usize) -> Result<FilePlacement, Failure> {
    Ok(FilePlacement {
        is_protected: row.get(at + 3)?,
        duplicates_allowed: row.get(at + 1)?,
        exists: row.get(at + 2)?,
        files: paging::counted(row.get(at + 4)?),
    })
}

async fn publish(
    session: &Session,
    project: ProjectId,
    named: &PackageFileRef,
    status: Option<PackageStatus>,
    (bytes, origin): (&KeptBytes, Origin),
) -> Result<PackageFile, FileWriteError> {
    session.prepare(&[LOCK_PROJECT, PLACEMENT_OF]).await?;
    session.prepare_journal().await?;
    let (id, at) = (project.get(), origin.at.as_millisecond());
    let (name, version, file_name) = (named.package.as_str(), named.version.as_str(), named.file.as_str());
    let (most, file_ref) = (paging::stop_at(Package::MAX_FILES), FileRef::from(named.clone()).to_string());
    // The lock of the project orders the writers of one package.
    let ((), has_project, (), found) = together!(
        session.begin(),
        session.exists(LOCK_PROJECT, &[&id]),
        session.open_journal(project, origin),
        session.first(PLACEMENT_OF, &[&id, &name, &version, &file_name, &most, &file_ref], |row| placement(row, 0)),
    )?;
    let found = found.filter(|_| has_project).ok_or(WriteError::Gone)?;
    found.check().map_err(WriteError::Conflict)?;
    let (new_status, status) = (PackageStatus::default().as_str(), status.map(PackageStatus::as_str));
    let package = session.insert(PACKAGE_FOR, &[&id, &name, &version, &new_status, &at, &status]).await?;
    let bytes = row_of(session, bytes).await?;
    let id = session.insert(INSERT_FILE, &[&package, &file_name, &bytes, &at]).await?;
    let made = session.first(FILE, &[&id], |row| file(row, 0)).await?.ok_or(WriteError::Gone)?;
    follow(session, &named.clone().into()).await?;
    session.commit().await?;
    Ok(made)
}

/// Locks a project, begins what the transaction adds to its history, and returns one of its packages.
async fn lock(
    session: &Session,
    project: ProjectId,
    package: PackageId,
    origin: Origin,
) -> Result<Package, FileWriteError> {
    session.begin().await?;
    let has_project = session.exists(LOCK_PROJECT, &[&project.get()]).await?;
    session.open_journal(project, origin).await?;
    let found = session.first(BY_ID, &[&project.get(), &package.get()], |row| package_of(row, 0)).await?;
    found.filter(|_| has_project).ok_or(WriteError::Gone)
}

async fn delete(
    session: &Session,
    project: ProjectId,
    package: PackageId,
    origin: Origin,
) -> Result<(), FileWriteError> {
    let package = lock(session, project, package, origin).await?;
    let id = package.id.get();
    check_package(session, project, &package).await?;
    let files = session.all(FILES_OF, &[&id], ids).await?;
    delete_files(session, DELETE_FILES, files).await?;
    session.run(DELETE, &[&id]).await?;
    Ok(())
}

async fn delete_file(
    session: &Session,
    project: ProjectId,
    (package, file): (PackageId, PackageFileId),
    origin: Origin,
) -> Result<(), FileWriteError> {
    let package = lock(session, project, package, origin).await?;
    let values = [project.get(), package.id.get(), file.get()];
    let read = |row: &Row| Ok((ids(row)?, file_name(row, 0)?));
    let (found, name) = session.first(FILE_OF, &parameters(&values), read).await?.ok_or(WriteError::Gone)?;
    let file = package.file_ref(name);
    check_unprotected(session, project, &file).await?;
    delete_files(session, DELETE_FILES, vec![found]).await?;
    // An older one of this name may be served now.
    Ok(follow(session, &file).await?)
}

#[async_trait]
impl PackageRepository for PostgresStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &PackageFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<Package>> {
        let session = self.session_for_list().await?;
        let ([limit, offset, counted], PackageFilter { name, version }) = (paging::values(page), filter);
        let read = |rows: &[Row]| paging::read(rows, TOTAL_AT, page, package_of).map(Some);
        let values: Values<'_> = &[&limit, &offset, &counted, name, version];
        let (sql, values) = if *filter == PackageFilter::default() { (LIST, &values[..3]) } else { (SEARCH, values) };
        Ok(view(&session, sql, project, reader, values, read).await?)
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, id: PackageId) -> ProjectRead<Package> {
        let session = self.session().await?;
        let read = |rows: &[Row]| rows.first().map(|row| package_of(row, FOUND_AT)).transpose();
        Ok(view(&session, GET, project, reader, &[&id.get()], read).await?)
    }

    async fn list_files(
        &self,
        project: &ProjectRef,
        reader: Reader,
        package: PackageId,
        page: PageRequest,
    ) -> ProjectRead<Page<PackageFile>> {
        let session = self.session_for_list().await?;
        let [limit, offset, counted] = paging::values(page);
        let read = |rows: &[Row]| {
            if rows.is_empty() {
                return Ok(None);
            }
            paging::read(rows, TOTAL_AT, page, file).map(Some)
        };
        let values = [limit, offset, counted, package.get()];
        Ok(view(&session, LIST_FILES, project, reader, &parameters(&values), read).await?)
    }

    async fn get_file(&self, project: &ProjectRef, reader: Reader, named: &PackageFileRef) -> ProjectRead<PackageFile> {
        let session = self.session().await?;
        let values = [named.package.as_str(), named.version.as_str(), named.file.as_str()];
        let read = |rows: &[Row]| rows.first().map(|row| file(row, FOUND_AT)).transpose();
        Ok(view(&session, NEWEST, project, reader, &parameters(&values), read).await?)
    }

    async fn load_for_publish(
        &self,
        project: &ProjectRef,
        reader: Reader,
        named: &PackageFileRef,
    ) -> ProjectRead<FilePlacement> {
        let session = self.session().await?;
        let (most, file_ref) = (paging::stop_at(Package::MAX_FILES), FileRef::from(named.clone()).to_string());
        let (name, version, file) = (named.package.as_str(), named.version.as_str(), named.file.as_str());
        let read = |rows: &[Row]| rows.first().map(|row| placement(row, FOUND_AT)).transpose();
        Ok(view(&session, PLACEMENT, project, reader, &[&name, &version, &file, &most, &file_ref], read).await?)
    }

    async fn publish(
        &self,
        project: ProjectId,
        file: PackageFileRef,
        status: Option<PackageStatus>,
        bytes: KeptBytes,
        origin: Origin,
    ) -> Result<PackageFile, FileWriteError> {
        let session = self.session().await?;
        let published = publish(&session, project, &file, status, (&bytes, origin)).await;
        session.settle(published).await
    }

    async fn delete(&self, project: ProjectId, package: PackageId, origin: Origin) -> Result<(), FileWriteError> {
        let session = self.session().await?;
        let deleted = delete(&session, project, package, origin).await;
        session.settle(deleted).await
    }

    async fn delete_file(
        &self,
        project: ProjectId,
        package: PackageId,
        file: PackageFileId,
        origin: Origin,
    ) -> Result<(), FileWriteError> {
        let session = self.session().await?;
        let deleted = delete_file(&session, project, (package, file), origin).await;
        session.settle(deleted).await
    }
}
