//! The bytes that files have: their rows come with the first file and go with the last.

use release_links_ports::KeptBytes;
use release_links_sql::file_bytes::held;

use crate::failure::Failure;
use crate::query::Session;
use crate::rows::Row;
use crate::tables::file_bytes::{DELETE_UNUSED, KEEP, LOCK};
use crate::tables::packages::{DELETE_FILES, FILES_OF_PROJECT};
use crate::tables::uploads::{DELETE as DELETE_UPLOADS, OF_PROJECT as UPLOADS_OF_PROJECT};

/// Returns the row of these bytes, or of equal ones that are kept already.
pub async fn row_of(session: &Session, bytes: &KeptBytes) -> Result<i64, Failure> {
    let ([key, sha256, sha1, md5], size) = held(bytes);
    session.insert(KEEP, &[&key, &sha256, &sha1, &md5, &size]).await
}

/// Reads the ids of a file and of its bytes.
pub fn ids(row: &Row) -> Result<(i64, i64), Failure> {
    Ok((row.get(0)?, row.get(1)?))
}

/// Deletes files with the statement `delete`, each file given with the row of its bytes, and those rows that no other file
/// has. Returns how many files there were.
pub async fn delete_files(session: &Session, delete: &str, files: Vec<(i64, i64)>) -> Result<u64, Failure> {
    if files.is_empty() {
        return Ok(0);
    }
    let (files, bytes): (Vec<i64>, Vec<i64>) = files.into_iter().unzip();
    // Each of these statements sees what was committed before it began, so the last one also sees a file that was
    // published while the lock was waited for.
    session.rows(LOCK, &[&bytes]).await?;
    let deleted = session.run(delete, &[&files]).await?;
    session.run(DELETE_UNUSED, &[&bytes]).await?;
    Ok(deleted)
}

/// Deletes up to `limit` files of a project's packages. Returns how many there were.
pub async fn delete_files_of_project(session: &Session, project: i64, limit: i64) -> Result<u64, Failure> {
    let files = session.all(FILES_OF_PROJECT, &[&project, &limit], ids).await?;
    delete_files(session, DELETE_FILES, files).await
}

/// Deletes up to `limit` uploads of a project. Returns how many there were.
pub async fn delete_uploads_of_project(session: &Session, project: i64, limit: i64) -> Result<u64, Failure> {
    let uploads = session.all(UPLOADS_OF_PROJECT, &[&project, &limit], ids).await?;
    delete_files(session, DELETE_UPLOADS, uploads).await
}
