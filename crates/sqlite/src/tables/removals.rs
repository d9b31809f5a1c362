//! The queue of pending deletions.

use release_links_sql::removals::{Removal, Removed, removal};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{exists, first, run, statements};

statements! {
    ENQUEUE = "INSERT INTO removals (kind, target_id) VALUES (?1, ?2)";
    NEWEST = "SELECT id, kind, target_id FROM removals WHERE id > 0 ORDER BY id DESC LIMIT 1";
    DEQUEUE = "DELETE FROM removals WHERE id = ?1";
}

/// Queues something hidden for deletion.
pub fn enqueue(conn: &Connection, removed: Removed, target: i64) -> Result<(), Failure> {
    run(conn, ENQUEUE, params![removed.as_str(), target])
}

/// Returns whether a deletion is pending.
pub fn is_pending(conn: &Connection) -> Result<bool, Failure> {
    exists(conn, NEWEST, [])
}

/// Returns the newest pending deletion.
pub fn newest(conn: &Connection) -> Result<Option<Removal>, Failure> {
    first(conn, NEWEST, [], |row| removal(row, 0))
}

/// Dequeues a deletion that is complete.
pub fn dequeue(conn: &Connection, removal: i64) -> Result<(), Failure> {
    run(conn, DEQUEUE, params![removal])
}
