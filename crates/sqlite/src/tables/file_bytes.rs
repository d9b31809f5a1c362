//! The table of bytes that files have.

use release_links_domain::file::FileKey;
use release_links_ports::{FileOwner, KeptBytes, KeptTotal};
use release_links_sql::file_bytes::{held, kept, key};
use release_links_sql::projects::json_texts;
use release_links_sql::{bytes_columns, bytes_total, file_bytes, file_owners};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, first, insert, run, statements};

statements! {
    BY_SHA256 = "SELECT id FROM file_bytes WHERE sha256 = ?1";
    INSERT = concat!("INSERT INTO file_bytes (", bytes_columns!(held), ") VALUES (?1, ?2, ?3, ?4, ?5)");
    DELETE_UNUSED = "DELETE FROM file_bytes WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM package_files WHERE bytes_id = ?1)
        AND NOT EXISTS (SELECT 1 FROM uploads WHERE bytes_id = ?1)";
    IN_USE = "SELECT b.id, b.key FROM json_each(?1) CROSS JOIN file_bytes b WHERE b.key = json_each.value";
    AFTER = concat!("SELECT ", bytes_columns!(), " FROM file_bytes WHERE key > ?1 ORDER BY key LIMIT ?2");
}

// These two sort or read the whole table, which no request does.
const OWNERS: &str = file_owners!("b.key = ?1", "?2");
const TOTAL: &str = bytes_total!("INTEGER");

/// Returns the row of these bytes, or of equal ones that are kept already.
pub fn row_of(conn: &Connection, bytes: &KeptBytes) -> Result<i64, Failure> {
    let ([key, sha256, sha1, md5], size) = held(bytes);
    match first(conn, BY_SHA256, params![sha256], |row| row.get(0))? {
        Some(row) => Ok(row),
        None => insert(conn, INSERT, params![key, sha256, sha1, md5, size]),
    }
}

/// Deletes the row of bytes that no file has any more.
pub fn delete_unused(conn: &Connection, row: i64) -> Result<(), Failure> {
    run(conn, DELETE_UNUSED, params![row])
}

/// Returns those of these keys whose bytes a file has.
pub fn in_use(conn: &Connection, keys: &[FileKey]) -> Result<Vec<FileKey>, Failure> {
    let keys: Vec<String> = keys.iter().map(FileKey::to_string).collect();
    all(conn, IN_USE, params![json_texts(&keys)], |row| key(row, 0))
}

/// Returns the first bytes after a key, in the order of the keys.
pub fn after(conn: &Connection, key: Option<&FileKey>, limit: u32) -> Result<Vec<KeptBytes>, Failure> {
    all(conn, AFTER, params![key.map_or("", FileKey::as_str), limit], |row| kept(row, 0))
}

/// Returns files that have the bytes of a key.
pub fn owners(conn: &Connection, key: &FileKey, limit: u32) -> Result<Vec<FileOwner>, Failure> {
    all(conn, OWNERS, params![key.as_str(), limit], |row| file_bytes::owner(row))
}

/// Adds up all bytes.
pub fn total(conn: &Connection) -> Result<KeptTotal, Failure> {
    let columns = first(conn, TOTAL, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
    Ok(columns.map(file_bytes::total).unwrap_or_default())
}
