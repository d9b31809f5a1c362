//! A database that Litestream replicates (docs/litestream.md).

use rusqlite::Connection;

use crate::failure::in_words;

/// Returns whether Litestream has ever run on the database, and if so makes sure that it notices when the log begins again while it
/// does not run.
///
/// Litestream remembers the place in the log up to which it has sent everything, and recognises the log by the page before that place.
/// When a log begins again, SQLite overwrites the beginning of the file and leaves the rest, so that page may still be there. Then Litestream
/// goes on with the new log, and the replica never gets what was written after that place in the old one. So the rest is cut off.
pub fn prepare(conn: &Connection) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_litestream_seq')";
    let found = conn.prepare_cached(sql).and_then(|mut statement| statement.query_row([], |row| row.get(0)));
    let is_replicated = found.and_then(|is_replicated| {
        if is_replicated {
            conn.execute_batch("PRAGMA journal_size_limit = 0")?;
        }
        Ok(is_replicated)
    });
    is_replicated.unwrap_or_else(|error| {
        tracing::warn!(why = %in_words(&error), "cannot tell whether Litestream replicates the database");
        false
    })
}
