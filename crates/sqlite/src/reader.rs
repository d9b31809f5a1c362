//! Read-only connections. Each request reads in one snapshot. Half of the connections serve short reads on the workers,
//! which keep their snapshots for a moment; the other half serve long reads, which take turns on threads of their own, so
//! that a long read never delays a short one.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use r2d2::ManageConnection as _;
use r2d2_sqlite::SqliteConnectionManager;
use release_links_domain::link::Link;
use release_links_ports::{BoxError, PoolState, StoreError};
use release_links_sql::paging::clamped;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;
use tracing::Span;

use crate::answers::Answers;
use crate::failure::{Failure, in_words};
use crate::file::by_name;
use crate::leases::{Commits, Leases};
use crate::open::{BUSY_TIMEOUT, CACHED_STATEMENTS, keep_plans};
use crate::query::run;

/// The timeout for opening the connections for long reads.
const POOL_TIMEOUT: Duration = Duration::from_secs(1);
/// The number of connections per core for short reads, and that for long reads. A short read does not yield while it
/// holds its connection, so at most one per worker runs at a time, and there is one worker per core.
pub const CONNECTIONS_PER_CORE: usize = 2;
/// The timeout of a long read for its turn.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a short read retries while another process holds the lock on the file.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause between two attempts.
const RETRY_PAUSE: Duration = Duration::from_millis(5);
/// The maximum number of rows that a short read steps through. A page of the largest size fits.
pub const SHORT_ROWS: u64 = 1_000;
/// The maximum number of links that a short read converts, which takes longer than stepping through rows.
pub const SHORT_LINKS: usize = 200;

/// The maximum number of bytes of text that a short read returns: the usual size of that many links.
pub const SHORT_BYTES: u64 = 64 * 1024;

/// How much nicer a thread for long reads is than a worker.
const NICENESS: i32 = 10;

/// Where a read runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// On a worker, which serves no other request meanwhile.
    Short,
    /// On a thread of its own.
    Long,
}

impl Lane {
    /// Fails with [`Failure::TooLong`] if the lane does not admit stepping through `rows` rows.
    pub fn admit_rows(self, rows: u64) -> Result<(), Failure> {
        if self == Self::Short && rows > SHORT_ROWS { Err(Failure::TooLong) } else { Ok(()) }
    }

    /// Fails with [`Failure::TooLong`] if the lane does not admit `bytes` bytes of text.
    pub fn admit_bytes(self, bytes: u64) -> Result<(), Failure> {
        if self == Self::Short && bytes > SHORT_BYTES { Err(Failure::TooLong) } else { Ok(()) }
    }

    /// Returns the number of links whose text is measured per release: just enough to detect too much.
    pub fn links_to_measure(self) -> i64 {
        let links = match self {
            Self::Short => SHORT_LINKS,
            Self::Long => Link::MAX_PER_RELEASE,
        };
        clamped(links as u64 + 1)
    }

    /// Fails with [`Failure::TooLong`] if the lane does not admit `links` links.
    pub fn admit_links(self, links: usize) -> Result<(), Failure> {
        if self == Self::Short && links > SHORT_LINKS { Err(Failure::TooLong) } else { Ok(()) }
    }
}

/// Read-only connections.
pub struct Readers {
    short: Leases,
    long: r2d2::Pool<SqliteConnectionManager>,
    /// One permit per connection of `long`.
    turns: Arc<Semaphore>,
}

impl Readers {
    /// Opens the connections for an existing database, whose commits of this process are counted.
    pub fn open(path: &Path, commits: Commits) -> Result<Self, BoxError> {
        let size = CONNECTIONS_PER_CORE * thread::available_parallelism().map_or(1, usize::from);
        // A worker never blocks in SQLite on another process's lock; short reads retry instead.
        let short = manager(path, "0");
        let short = (0..size).map(|_| short.connect()).collect::<rusqlite::Result<_>>();
        let short = short.map_err(|error| in_words(&error))?;
        let long = r2d2::Pool::builder()
            .max_size(u32::try_from(size).unwrap_or(u32::MAX))
            .connection_timeout(POOL_TIMEOUT)
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            // It would log each attempt; the error says why the last one failed.
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(manager(path, BUSY_TIMEOUT))?;
        Ok(Self { short: Leases::new(short, commits)?, long, turns: Arc::new(Semaphore::new(size)) })
    }

    /// Runs a short `query` in one snapshot, on the caller's thread. It may take from the answers what they remember of it.
    pub async fn read<T>(&self, query: impl Fn(&Connection, &mut Answers) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut began = None;
        loop {
            // A connection that is not available at once is about to be returned by another worker.
            let failure = match self.short.read(&query) {
                Some(Ok(found)) => return Ok(found),
                Some(Err(failure)) if !failure.is_lock() => return Err(failure),
                Some(Err(failure)) => failure,
                None => Failure::TimedOut("a connection"),
            };
            if began.get_or_insert_with(Instant::now).elapsed() > LOCK_TIMEOUT {
                return Err(failure);
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Returns the state of the connections for long reads.
    pub fn long_reads(&self) -> PoolState {
        let maximum = usize::try_from(self.long.max_size()).unwrap_or(usize::MAX);
        PoolState { name: "long_reads", maximum, busy: maximum.saturating_sub(self.turns.available_permits()) }
    }

    /// Runs a long `query` in one snapshot, on a blocking thread, once it is its turn.
    pub async fn read_long<T: Send + 'static>(
        self: Arc<Self>,
        query: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Failure::TimedOut("its turn among long reads"))?;
        let reading = move || {
            // The turn lasts until the read ends, even if the caller no longer waits.
            let _turn = turn;
            lower_priority();
            let conn = self.long.get().map_err(|error| StoreError::Unavailable(error.into()))?;
            let snapshot = Snapshot::begin(&conn)?;
            Ok(query(snapshot.0)?)
        };
        let span = Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(reading))
            .await
            .map_err(|error| StoreError::Internal(error.into()))?
    }
}

/// Lowers the priority of the current thread, once, so that long reads yield the processor to the workers. No
/// request is served on such a thread, but bytes of files may be hashed, read or written there later, which yields as well.
fn lower_priority() {
    thread_local! {
        static LOWERED: Cell<bool> = const { Cell::new(false) };
    }
    // On Linux each thread has its own priority. If it cannot be lowered, the read runs at normal priority.
    if !LOWERED.replace(true)
        && let Err(error) = rustix::process::nice(NICENESS)
    {
        tracing::debug!(%error, "cannot lower the priority of a thread for long reads");
    }
}

fn manager(path: &Path, busy_timeout: &'static str) -> SqliteConnectionManager {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    SqliteConnectionManager::file(by_name(path)).with_flags(flags).with_init(move |conn| {
        conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        keep_plans(conn)?;
        conn.execute_batch(&format!("PRAGMA busy_timeout = {busy_timeout}; PRAGMA query_only = ON"))
    })
}

/// The transaction of a long read. `Connection::transaction` would prepare its statements each time.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(conn: &'a Connection) -> Result<Self, Failure> {
        run(conn, "BEGIN", [])?;
        Ok(Self(conn))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // After some errors SQLite ends the transaction itself. Nothing was written, so nothing is lost.
        if !self.0.is_autocommit()
            && let Err(Failure::Sqlite(error)) = run(self.0, "ROLLBACK", [])
        {
            tracing::warn!(why = %in_words(&error), "cannot end a read transaction");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_opened_is_told_once() {
        let missing = Path::new("/nonexistent/release-links.db");
        let error = Readers::open(missing, Commits::default()).err().unwrap();
        assert!(error.source().is_none());
        assert_eq!(error.to_string(), "unable to open database file: /nonexistent/release-links.db (SQLite error 14)");
    }
}
