//! The port of packages.

use async_trait::async_trait;
use jiff::Timestamp;
use release_links_domain::access::Reader;
use release_links_domain::file::{FileObstacle, FilePlacement, FileRef, Package, PackageFile, PackageStatus};
use release_links_domain::history::Origin;
use release_links_domain::project::ProjectRef;
use release_links_domain::{PackageFileId, PackageId, ProjectId};
use release_links_ports::{
    FileWriteError, KeptBytes, PackageFileRef, PackageFilter, PackageRepository, Page, PageRequest, ProjectRead,
    WriteError,
};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::following::follow;
use crate::tables::file_bytes::row_of;
use crate::tables::history::Journal;
use crate::tables::links_to_files::{is_protected, package_is_protected};
use crate::tables::packages::{
    self, by_id, file_of, insert_file, newest_file, package_for, page_of, page_of_files, placement,
};
use crate::tables::projects::is_there;
use crate::view::view;

fn publish(
    journal: &mut Journal<'_>,
    named: PackageFileRef,
    status: Option<PackageStatus>,
    (bytes, at): (&KeptBytes, Timestamp),
) -> Result<PackageFile, FileWriteError> {
    let (conn, project) = (journal.conn, journal.project);
    if !is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    placement(conn, project, &named)?.check().map_err(WriteError::Conflict)?;
    let package = package_for(conn, project, &named, status, at)?;
    insert_file(conn, package, named.file.as_str(), row_of(conn, bytes)?, at)?;
    let published = newest_file(conn, project, &named)?.ok_or(WriteError::Gone)?;
    follow(journal, &named.into())?;
    Ok(published)
}

/// Checks that a package exists, and returns it.
fn existing(conn: &Connection, project: ProjectId, package: PackageId) -> Result<Package, FileWriteError> {
    if !is_there(conn, project)? {
        return Err(WriteError::Gone);
    }
    by_id(conn, project, package)?.ok_or(WriteError::Gone)
}

/// Checks that no immutable release links to a file.
fn check_unprotected(conn: &Connection, project: ProjectId, file: &FileRef) -> Result<(), FileWriteError> {
    if is_protected(conn, project, file)? { Err(WriteError::Conflict(FileObstacle::Protected)) } else { Ok(()) }
}

fn delete(conn: &Connection, project: ProjectId, id: PackageId) -> Result<(), FileWriteError> {
    let package = existing(conn, project, id)?;
    if package_is_protected(conn, project, &package)? {
        return Err(WriteError::Conflict(FileObstacle::Protected));
    }
    Ok(packages::delete(conn, id)?)
}

fn delete_file(journal: &mut Journal<'_>, package: PackageId, id: PackageFileId) -> Result<(), FileWriteError> {
    let (conn, project) = (journal.conn, journal.project);
    let package = existing(conn, project, package)?;
    let file = file_of(conn, package.id, id)?.ok_or(WriteError::Gone)?;
    let file = package.file_ref(file.name);
    check_unprotected(conn, project, &file)?;
    packages::delete_file(conn, id)?;
    // An older one of this name may be served now.
    Ok(follow(journal, &file)?)
}

#[async_trait]
impl PackageRepository for SqliteStore {
    async fn list(
        &self,
        project: &ProjectRef,
        reader: Reader,
        filter: &PackageFilter,
        page: PageRequest,
    ) -> ProjectRead<Page<Package>> {
        let (project, filter) = (project.clone(), filter.clone());
        // A filter may find few packages among many.
        let rows = if filter == PackageFilter::default() { page.offset() } else { u64::MAX };
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| {
                lane.admit_rows(rows)?;
                page_of(conn, project, &filter, page).map(Some)
            })
        })
        .await
    }

    async fn get(&self, project: &ProjectRef, reader: Reader, package: PackageId) -> ProjectRead<Package> {
        self.read(|conn| view(conn, project, reader, |project| by_id(conn, project, package))).await
    }

    async fn list_files(
        &self,
        project: &ProjectRef,
        reader: Reader,
        package: PackageId,
        page: PageRequest,
    ) -> ProjectRead<Page<PackageFile>> {
        let project = project.clone();
        self.read_any(move |conn, lane| {
            view(conn, &project, reader, |project| {
                lane.admit_rows(page.offset())?;
                let found = by_id(conn, project, package)?;
                found.map(|found| page_of_files(conn, found.id, page)).transpose()
            })
        })
        .await
    }

    async fn get_file(&self, project: &ProjectRef, reader: Reader, file: &PackageFileRef) -> ProjectRead<PackageFile> {
        self.read(|conn| view(conn, project, reader, |project| newest_file(conn, project, file))).await
    }

    async fn load_for_publish(
        &self,
        project: &ProjectRef,
        reader: Reader,
        file: &PackageFileRef,
    ) -> ProjectRead<FilePlacement> {
        let (project, file) = (project.clone(), file.clone());
        // It counts the files.
        self.read_long(move |conn| view(conn, &project, reader, |project| placement(conn, project, &file).map(Some)))
            .await
    }

    async fn publish(
        &self,
        project: ProjectId,
        file: PackageFileRef,
        status: Option<PackageStatus>,
        bytes: KeptBytes,
        origin: Origin,
    ) -> Result<PackageFile, FileWriteError> {
        self.write(move |conn| publish(&mut Journal::new(conn, project, origin), file, status, (&bytes, origin.at)))
            .await
    }

    async fn delete(&self, project: ProjectId, package: PackageId, _: Origin) -> Result<(), FileWriteError> {
        self.write_alone(move |conn| delete(conn, project, package)).await
    }

    async fn delete_file(
        &self,
        project: ProjectId,
        package: PackageId,
        file: PackageFileId,
        origin: Origin,
    ) -> Result<(), FileWriteError> {
        self.write(move |conn| delete_file(&mut Journal::new(conn, project, origin), package, file)).await
    }
}
