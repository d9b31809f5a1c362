//! The tables of packages and their files.

use jiff::Timestamp;
use release_links_domain::file::{FilePlacement, Package, PackageFile, PackageStatus};
use release_links_domain::{PackageFileId, PackageId, ProjectId};
use release_links_ports::{PackageFileRef, PackageFilter, Page, PageRequest};
use release_links_sql::packages::files::file;
use release_links_sql::packages::package;
use release_links_sql::paging::{clamped, limit_and_offset};
use release_links_sql::{package_columns, package_file_columns, package_file_selection};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count, counted, exists, first, insert, run, statements};
use crate::tables::file_bytes::delete_unused;
use crate::tables::links_to_files::is_protected;

/// The packages of project `?1` that are listed by the filter.
macro_rules! listed {
    () => {
        "packages WHERE project_id = ?1 AND status = 'default'
        AND (?2 IS NULL OR instr(lower(name), lower(?2)) > 0) AND (?3 IS NULL OR version = ?3)"
    };
}

/// The files `f`, with their bytes `b`, that match `$condition`.
macro_rules! files {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            package_file_selection!(),
            " FROM package_files f CROSS JOIN file_bytes b WHERE ",
            $condition,
            " AND b.id = f.bytes_id"
        )
    };
}

statements! {
    LIST = concat!("SELECT ", package_columns!(), " FROM ", listed!(), " ORDER BY id LIMIT ?4 OFFSET ?5");
    COUNT = concat!("SELECT count(*) FROM (SELECT 1 FROM ", listed!(), " LIMIT ?4)");
    BY_ID = concat!("SELECT ", package_columns!(), " FROM packages WHERE project_id = ?1 AND id = ?2");
    ID = "SELECT id FROM packages WHERE project_id = ?1 AND name = ?2 AND version = ?3";
    FILES = concat!(files!("f.package_id = ?1"), " ORDER BY f.id LIMIT ?2 OFFSET ?3");
    COUNT_FILES = "SELECT count(*) FROM (SELECT 1 FROM package_files WHERE package_id = ?1 LIMIT ?2)";
    NEWEST = concat!(files!("f.package_id = ?1 AND f.name = ?2"), " ORDER BY f.id DESC LIMIT 1");
    FILE = files!("f.id = ?2 AND f.package_id = ?1");
    NAME_IS_USED = "SELECT 1 FROM package_files WHERE package_id = ?1 AND name = ?2";
    DUPLICATES_ALLOWED = "SELECT generic_duplicates_allowed FROM projects WHERE id = ?1";
    INSERT = concat!("INSERT INTO packages (", package_columns!(new), ") VALUES (?1, ?2, ?3, ?4, ?5)");
    INSERT_FILE = concat!("INSERT INTO package_files (", package_file_columns!(new), ") VALUES (?1, ?2, ?3, ?4)");
    SET_STATUS = "UPDATE packages SET status = ?2 WHERE id = ?1 AND status <> ?2";
    DELETE = "DELETE FROM packages WHERE id = ?1";
    DELETE_FILE = "DELETE FROM package_files WHERE id = ?1";
    BYTES_OF = "SELECT bytes_id FROM package_files WHERE id = ?1";
    FILES_OF = "SELECT id, bytes_id FROM package_files WHERE package_id = ?1 LIMIT ?2";
    FILES_OF_PROJECT = "SELECT f.id, f.bytes_id FROM packages p CROSS JOIN package_files f
        WHERE p.project_id = ?1 AND f.package_id = p.id LIMIT ?2";
}

/// Returns a page of a project's packages that are listed, oldest first.
pub fn page_of(
    conn: &Connection,
    project: ProjectId,
    filter: &PackageFilter,
    wanted: PageRequest,
) -> Result<Page<Package>, Failure> {
    let ([limit, offset], PackageFilter { name, version }) = (limit_and_offset(wanted), filter);
    let rows = all(conn, LIST, params![project.get(), name, version, limit, offset], |row| package(row, 0))?;
    Page::of(rows, wanted, |limit| counted(conn, COUNT, params![project.get(), name, version, clamped(limit)]))
}

/// Returns a package of a project.
pub fn by_id(conn: &Connection, project: ProjectId, id: PackageId) -> Result<Option<Package>, Failure> {
    first(conn, BY_ID, params![project.get(), id.get()], |row| package(row, 0))
}

/// Returns the id of the package of this name and version.
fn id_of(conn: &Connection, project: ProjectId, named: &PackageFileRef) -> Result<Option<i64>, Failure> {
    let values = params![project.get(), named.package.as_str(), named.version.as_str()];
    first(conn, ID, values, |row| row.get(0))
}

/// Returns a page of a package's files, oldest first.
pub fn page_of_files(conn: &Connection, id: PackageId, wanted: PageRequest) -> Result<Page<PackageFile>, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, FILES, params![id.get(), limit, offset], |row| file(row, 0))?;
    Page::of(rows, wanted, |limit| count(conn, COUNT_FILES, id.get(), limit))
}

/// Returns the newest file of this name.
pub fn newest_file(
    conn: &Connection,
    project: ProjectId,
    named: &PackageFileRef,
) -> Result<Option<PackageFile>, Failure> {
    let Some(package) = id_of(conn, project, named)? else { return Ok(None) };
    first(conn, NEWEST, params![package, named.file.as_str()], |row| file(row, 0))
}

/// Returns a file of a package.
pub fn file_of(conn: &Connection, package: PackageId, id: PackageFileId) -> Result<Option<PackageFile>, Failure> {
    first(conn, FILE, params![package.get(), id.get()], |row| file(row, 0))
}

/// Returns what decides whether a file may be published.
pub fn placement(conn: &Connection, project: ProjectId, named: &PackageFileRef) -> Result<FilePlacement, Failure> {
    let package = id_of(conn, project, named)?;
    let exists = match package {
        Some(package) => exists(conn, NAME_IS_USED, params![package, named.file.as_str()])?,
        None => false,
    };
    let files = package.map_or(Ok(0), |package| count(conn, COUNT_FILES, package, Package::MAX_FILES as u64))?;
    Ok(FilePlacement {
        is_protected: is_protected(conn, project, &named.clone().into())?,
        exists,
        duplicates_allowed: first(conn, DUPLICATES_ALLOWED, params![project.get()], |row| row.get(0))?.unwrap_or(true),
        files: usize::try_from(files).unwrap_or(usize::MAX),
    })
}

/// Returns the id of the package of a file that is added at this time, which may be new, after setting its status.
pub fn package_for(
    conn: &Connection,
    project: ProjectId,
    named: &PackageFileRef,
    status: Option<PackageStatus>,
    at: Timestamp,
) -> Result<i64, Failure> {
    if let Some(package) = id_of(conn, project, named)? {
        if let Some(status) = status {
            run(conn, SET_STATUS, params![package, status.as_str()])?;
        }
        return Ok(package);
    }
    let (name, version, status) = (named.package.as_str(), named.version.as_str(), status.unwrap_or_default().as_str());
    insert(conn, INSERT, params![project.get(), name, version, status, at.as_millisecond()])
}

/// Inserts a file with the bytes of this row into a package.
pub fn insert_file(conn: &Connection, package: i64, name: &str, bytes: i64, at: Timestamp) -> Result<(), Failure> {
    insert(conn, INSERT_FILE, params![package, name, bytes, at.as_millisecond()])?;
    Ok(())
}

/// Deletes a file, and the row of its bytes if no other file has them.
pub fn delete_file(conn: &Connection, id: PackageFileId) -> Result<(), Failure> {
    let bytes = all(conn, BYTES_OF, params![id.get()], |row| Ok((id.get(), row.get(0)?)))?;
    delete_files(conn, bytes)?;
    Ok(())
}

/// Deletes a package with its files.
pub fn delete(conn: &Connection, id: PackageId) -> Result<(), Failure> {
    let files = all(conn, FILES_OF, params![id.get(), i64::MAX], |row| Ok((row.get(0)?, row.get(1)?)))?;
    delete_files(conn, files)?;
    run(conn, DELETE, params![id.get()])
}

/// Deletes up to `limit` files of a project's packages. Returns how many there were.
pub fn delete_files_of_project(conn: &Connection, project: ProjectId, limit: i64) -> Result<u64, Failure> {
    let files = all(conn, FILES_OF_PROJECT, params![project.get(), limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    delete_files(conn, files)
}

/// Deletes files, each with the row of its bytes if no other file has them.
fn delete_files(conn: &Connection, files: Vec<(i64, i64)>) -> Result<u64, Failure> {
    let deleted = files.len() as u64;
    for (file, bytes) in files {
        run(conn, DELETE_FILE, params![file])?;
        delete_unused(conn, bytes)?;
    }
    Ok(deleted)
}
