//! The table of the key of tickets.

use release_links_ports::TicketKey;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{first, run, statements};

statements! {
    GET = "SELECT key FROM ticket_keys WHERE id = 1";
    INSERT = "INSERT INTO ticket_keys (id, key) VALUES (1, ?1) ON CONFLICT DO NOTHING";
}

/// Returns the key, if there is one.
pub fn get(conn: &Connection) -> Result<Option<TicketKey>, Failure> {
    first(conn, GET, params![], |row| Ok(TicketKey(row.get(0)?)))
}

/// Stores a key, unless there is one.
pub fn insert(conn: &Connection, key: TicketKey) -> Result<(), Failure> {
    run(conn, INSERT, params![key.0])
}
