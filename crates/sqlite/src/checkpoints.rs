//! The write-ahead log: when it is copied into the database, and when it begins again.

use std::cell::Cell;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, Row};

use crate::failure::in_words;
use crate::leases::Commits;
use crate::open::BUSY_TIMEOUT;
use crate::replicated;

/// The pages in the log from which on each commit copies it into the database: SQLite's own default.
const COPIED_FROM: i32 = 1_000;
/// The pages in the log from which on the writer waits for readers, so that the next commit begins the log again.
/// Otherwise reads and writes without a pause would keep it growing.
pub const RESTARTED_FROM: i32 = 4_000;
/// The further pages after which the writer tries again if readers did not leave in time.
const RETRY_AFTER: i32 = 1_000;
/// How long the writer waits for readers, in milliseconds. Short reads leave within a lease.
const READERS_TIMEOUT: &str = "100";
/// How long the writer leaves its lock to Litestream, which waits for it by asking every tenth of a second at least.
const WAY_GIVEN: Duration = Duration::from_millis(120);

thread_local! {
    /// The pages in the log after the last commit of this thread.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Decides after each commit what to do about the log.
pub struct Checkpoints {
    restarted_from: i32,
    is_replicated: bool,
    commits: Commits,
}

impl Checkpoints {
    /// Watches the commits of the connection that writes; SQLite no longer copies its log by itself.
    pub fn watch(conn: &Connection, commits: Commits) -> Self {
        conn.wal_hook(Some(|_, pages| {
            PAGES.set(pages);
            Ok(())
        }));
        Self { restarted_from: RESTARTED_FROM, is_replicated: false, commits }
    }

    /// Copies a long log into the database, as far as readers allow.
    pub fn copy_if_long(&mut self, conn: &Connection) {
        let pages = PAGES.get();
        if pages < RESTARTED_FROM {
            self.restarted_from = RESTARTED_FROM;
        }
        if pages < COPIED_FROM {
            self.commits.want_log(false);
            return;
        }
        self.is_replicated = self.is_replicated || replicated::prepare(conn);
        self.commits.want_log(self.is_replicated);
        if pages >= self.restarted_from {
            let is_done =
                if self.is_replicated { self.give_way(conn) } else { restart(conn, "RESTART", &self.commits) };
            if is_done {
                PAGES.set(0);
            } else {
                self.restarted_from = pages.saturating_add(RETRY_AFTER);
            }
        } else if !self.is_replicated {
            // It need not be complete: there is another after the next commit.
            checkpoint(conn, "PASSIVE");
        }
    }

    /// Lets Litestream, which keeps everybody else from copying the log, have the writer's lock to copy it. Empties the log
    /// if Litestream does not run. Returns whether the log has begun or will begin again.
    ///
    /// A log that is wholly copied but still there is a trap: Litestream, when it starts, reads pages from it for its first copy, its open snapshot
    /// does not use the log, and so the next commit overwrites what it reads.
    fn give_way(&self, conn: &Connection) -> bool {
        thread::sleep(WAY_GIVEN);
        let pages = |row: &Row<'_>| Ok((row.get::<_, i32>(1)?, row.get::<_, i32>(2)?));
        match conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], pages) {
            Ok((pages, _)) if (0..RESTARTED_FROM).contains(&pages) => true,
            Ok((pages, copied)) if pages == copied => restart(conn, "TRUNCATE", &self.commits),
            _ => false,
        }
    }
}

/// Copies the whole log, and returns whether the next commit begins it again. The mode says what is left of the log.
fn restart(conn: &Connection, mode: &str, commits: &Commits) -> bool {
    set_timeout(conn, READERS_TIMEOUT);
    // Snapshots that begin once the whole log is copied do not need it, so let those in use be renewed.
    let is_copied = checkpoint(conn, "FULL");
    commits.add();
    let is_done = is_copied && checkpoint(conn, mode);
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Changes a table without a pause and does what the writer does after each commit. Returns the lengths of the log.
    fn lengths(path: &Path, tables: &str) -> Vec<u64> {
        let conn = Connection::open(path).unwrap();
        conn.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE t (n INTEGER); {tables}"
        ))
        .unwrap();
        let mut checkpoints = Checkpoints::watch(&conn, Commits::default());
        let commit = |_| {
            conn.execute("INSERT INTO t VALUES (1)", []).unwrap();
            checkpoints.copy_if_long(&conn);
            fs::metadata(path.with_extension("db-wal")).unwrap().len()
        };
        (0..RESTARTED_FROM + COPIED_FROM).map(commit).collect()
    }

    #[test]
    fn nothing_is_left_of_a_log_that_litestream_reads_once_it_is_copied() {
        let directory = tempfile::tempdir().unwrap();
        let without = lengths(&directory.path().join("a.db"), "");
        assert!(without.is_sorted());
        let litestream = "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)";
        let with = lengths(&directory.path().join("b.db"), litestream);
        let emptied = with.iter().position(|&length| length == 0).unwrap();
        assert!(with[..emptied].is_sorted() && with[emptied + 1] > 0);
    }
}
