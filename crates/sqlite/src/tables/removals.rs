//! The queue of pending deletions.

use release_links_sql::removals::{Removal, Removed, removal};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{exists, first, run, statements};

statements! {
    PUT_OFF = "INSERT INTO removals (kind, target_id) VALUES (?1, ?2)";
    LAST = "SELECT id, kind, target_id FROM removals WHERE id > 0 ORDER BY id DESC LIMIT 1";
    DONE = "DELETE FROM removals WHERE id = ?1";
}

/// Queues something hidden for deletion.
pub fn put_off(conn: &Connection, removed: Removed, target: i64) -> Result<(), Failure> {
    run(conn, PUT_OFF, params![removed.as_str(), target])
}

/// Returns whether a deletion is pending.
pub fn is_due(conn: &Connection) -> Result<bool, Failure> {
    exists(conn, LAST, [])
}

/// Returns the newest pending deletion.
pub fn last(conn: &Connection) -> Result<Option<Removal>, Failure> {
    first(conn, LAST, [], |row| removal(row, 0))
}

/// Dequeues a deletion that is complete.
pub fn done(conn: &Connection, removal: i64) -> Result<(), Failure> {
    run(conn, DONE, params![removal])
}
