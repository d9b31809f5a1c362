//! Looking into the database file while the server runs.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// What `SQLite` itself finds wrong with a file.
pub fn complaints(database: &Path) -> Vec<String> {
    let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut complaints = Vec::new();
    for pragma in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
        let mut statement = conn.prepare(pragma).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        complaints.extend(rows.map(Result::unwrap).filter(|row| row != "ok"));
    }
    complaints
}
