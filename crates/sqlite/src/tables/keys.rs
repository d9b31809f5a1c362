//! The table of keys.

use release_links_ports::{DatabaseKey, KeyUse};
use release_links_sql::keys::id;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{first, run, statements};

statements! {
    GET = "SELECT key FROM keys WHERE id = ?1";
    INSERT = "INSERT INTO keys (id, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
}

/// Returns the key for a use, if there is one.
pub fn get(conn: &Connection, of: KeyUse) -> Result<Option<DatabaseKey>, Failure> {
    first(conn, GET, params![id(of)], |row| Ok(DatabaseKey(row.get(0)?)))
}

/// Stores the key for a use, unless there is one.
pub fn insert(conn: &Connection, of: KeyUse, key: DatabaseKey) -> Result<(), Failure> {
    run(conn, INSERT, params![id(of), key.0])
}
