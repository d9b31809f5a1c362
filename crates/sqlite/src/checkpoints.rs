//! The write-ahead log: when it is copied into the database, and when it begins again.

use std::cell::Cell;

use rusqlite::Connection;

use crate::failure::in_words;
use crate::leases::Commits;
use crate::open::BUSY_TIMEOUT;

/// The pages in the log from which on each commit copies it into the database: SQLite's own default.
const COPIED_FROM: i32 = 1_000;
/// The pages in the log from which on the writer waits for readers, so that the next commit begins the log again.
/// Otherwise reads and writes without a pause would keep it growing.
pub const RESTARTED_FROM: i32 = 4_000;
/// The further pages after which the writer tries again if readers did not leave in time.
const RETRY_AFTER: i32 = 1_000;
/// How long the writer waits for readers, in milliseconds. Short reads leave within a lease.
const READERS_TIMEOUT: &str = "100";

thread_local! {
    /// The pages in the log after the last commit of this thread.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Decides after each commit what to do about the log.
pub struct Checkpoints {
    restarted_from: i32,
    commits: Commits,
}

impl Checkpoints {
    /// Watches the commits of the connection that writes; SQLite no longer copies its log by itself.
    pub fn watch(conn: &Connection, commits: Commits) -> Self {
        conn.wal_hook(Some(|_, pages| {
            PAGES.set(pages);
            Ok(())
        }));
        Self { restarted_from: RESTARTED_FROM, commits }
    }

    /// Copies a long log into the database, as far as readers allow.
    pub fn copy_if_long(&mut self, conn: &Connection) {
        let pages = PAGES.get();
        if pages < RESTARTED_FROM {
            self.restarted_from = RESTARTED_FROM;
        }
        if pages >= self.restarted_from {
            if restart(conn, &self.commits) {
                PAGES.set(0);
            } else {
                self.restarted_from = pages.saturating_add(RETRY_AFTER);
            }
        } else if pages >= COPIED_FROM {
            // It need not be complete: there is another after the next commit.
            checkpoint(conn, "PASSIVE");
        }
    }
}

/// Copies the whole log, and returns whether the next commit begins it again.
fn restart(conn: &Connection, commits: &Commits) -> bool {
    set_timeout(conn, READERS_TIMEOUT);
    // Snapshots that begin once the whole log is copied do not need it, so let those in use be renewed.
    let is_copied = checkpoint(conn, "FULL");
    commits.add();
    let is_done = is_copied && checkpoint(conn, "RESTART");
    set_timeout(conn, BUSY_TIMEOUT);
    if !is_done {
        tracing::debug!("reads keep the write-ahead log growing");
    }
    is_done
}

/// Copies the whole log into the database at the end.
pub fn merge(conn: &Connection) {
    match try_checkpoint(conn, "TRUNCATE") {
        Ok(true) => {}
        Ok(false) => tracing::warn!("another process uses the database, so its write-ahead log stays beside it"),
        Err(error) => tracing::warn!(why = %in_words(&error), "the write-ahead log stays beside the database"),
    }
}

/// Copies the log, and returns whether it is done. There is another time if it is not.
fn checkpoint(conn: &Connection, mode: &str) -> bool {
    try_checkpoint(conn, mode).unwrap_or_else(|error| {
        tracing::warn!(why = %in_words(&error), "cannot copy the write-ahead log into the database yet");
        false
    })
}

/// Copies the log, and returns whether nothing kept SQLite from all that the mode asks for.
fn try_checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<bool> {
    // SQLite reports in a row, and not as an error, that a reader or writer was in the way.
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(0)).map(|is_busy: i64| is_busy == 0)
}

fn set_timeout(conn: &Connection, milliseconds: &str) {
    if let Err(error) = conn.execute_batch(&format!("PRAGMA busy_timeout = {milliseconds}")) {
        tracing::warn!(why = %in_words(&error), "cannot set how long a lock is waited for");
    }
}
