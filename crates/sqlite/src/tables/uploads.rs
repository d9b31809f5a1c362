//! The table of uploads.

use release_links_domain::file::{Upload, UploadName, UploadSecret};
use release_links_domain::history::Origin;
use release_links_domain::{ProjectId, UploadId, UserId};
use release_links_ports::{NewUpload, Page, PageRequest};
use release_links_sql::paging::limit_and_offset;
use release_links_sql::uploads::upload;
use release_links_sql::{upload_columns, upload_selection};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, count, exists, first, insert, run, statements};
use crate::tables::file_bytes::delete_unused;
use crate::tables::users::IS_THERE;

/// The uploads `f` that match `$condition`, with their bytes and who uploaded them.
macro_rules! uploads {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            upload_selection!(),
            " FROM uploads f JOIN file_bytes b ON b.id = f.bytes_id LEFT JOIN users u ON u.id = f.uploader_id AND ",
            IS_THERE!(),
            " LEFT JOIN namespaces un ON un.user_id = u.id WHERE ",
            $condition
        )
    };
}

statements! {
    LIST = uploads!("f.project_id = ?1 ORDER BY f.id DESC LIMIT ?2 OFFSET ?3");
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM uploads WHERE project_id = ?1 LIMIT ?2)";
    BY_ID = uploads!("f.project_id = ?1 AND f.id = ?2");
    BY_SECRET = uploads!("f.project_id = ?1 AND f.secret = ?2 AND f.name = ?3");
    SECRET_EXISTS = "SELECT 1 FROM uploads WHERE project_id = ?1 AND secret = ?2";
    // If the user was deleted meanwhile, nobody has uploaded it, as if the user were deleted right after.
    INSERT = concat!("INSERT INTO uploads (", upload_columns!(new), ")
        VALUES (?1, ?2, ?3, ?4, (SELECT id FROM users WHERE id = ?5 AND email IS NOT NULL), ?6)");
    DELETE = "DELETE FROM uploads WHERE id = ?1";
    BYTES_OF = "SELECT bytes_id FROM uploads WHERE id = ?1";
    OF_PROJECT = "SELECT id, bytes_id FROM uploads WHERE project_id = ?1 LIMIT ?2";
}

/// Returns a page of a project's uploads, newest first.
pub fn page_of(conn: &Connection, project: ProjectId, wanted: PageRequest) -> Result<Page<Upload>, Failure> {
    let [limit, offset] = limit_and_offset(wanted);
    let rows = all(conn, LIST, params![project.get(), limit, offset], |row| upload(row, 0))?;
    Page::of(rows, wanted, |limit| count(conn, COUNT, project.get(), limit))
}

/// Returns an upload of a project.
pub fn by_id(conn: &Connection, project: ProjectId, id: UploadId) -> Result<Option<Upload>, Failure> {
    first(conn, BY_ID, params![project.get(), id.get()], |row| upload(row, 0))
}

/// Returns the upload with this secret, if it has this name.
pub fn by_secret(
    conn: &Connection,
    project: ProjectId,
    secret: &UploadSecret,
    name: &UploadName,
) -> Result<Option<Upload>, Failure> {
    first(conn, BY_SECRET, params![project.get(), secret.as_str(), name.as_str()], |row| upload(row, 0))
}

/// Returns whether a project has an upload with this secret.
pub fn has_secret(conn: &Connection, project: ProjectId, secret: &UploadSecret) -> Result<bool, Failure> {
    exists(conn, SECRET_EXISTS, params![project.get(), secret.as_str()])
}

/// Inserts an upload with the bytes of this row, whose secret no other has.
pub fn insert_upload(
    conn: &Connection,
    project: ProjectId,
    new: &NewUpload,
    bytes: i64,
    origin: Origin,
) -> Result<(), Failure> {
    let (secret, name, user) = (new.secret.as_str(), new.name.as_str(), origin.user.map(UserId::get));
    insert(conn, INSERT, params![project.get(), secret, name, bytes, user, origin.at.as_millisecond()])?;
    Ok(())
}

/// Deletes an upload, and the row of its bytes if no other file has them.
pub fn delete(conn: &Connection, id: UploadId) -> Result<(), Failure> {
    let bytes = all(conn, BYTES_OF, params![id.get()], |row| Ok((id.get(), row.get(0)?)))?;
    delete_all(conn, bytes)?;
    Ok(())
}

/// Deletes up to `limit` uploads of a project. Returns how many there were.
pub fn delete_of_project(conn: &Connection, project: ProjectId, limit: i64) -> Result<u64, Failure> {
    let uploads = all(conn, OF_PROJECT, params![project.get(), limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    delete_all(conn, uploads)
}

fn delete_all(conn: &Connection, uploads: Vec<(i64, i64)>) -> Result<u64, Failure> {
    let deleted = uploads.len() as u64;
    for (upload, bytes) in uploads {
        run(conn, DELETE, params![upload])?;
        delete_unused(conn, bytes)?;
    }
    Ok(deleted)
}
