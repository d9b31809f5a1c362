//! The connections that read: pooled, read-only, each request in one snapshot. Half of them serve short reads on the workers;
//! the other half serve long reads, which take turns on threads of their own. So a long read never keeps a short one waiting.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use r2d2_sqlite::SqliteConnectionManager;
use release_links_domain::link::Link;
use release_links_ports::StoreError;
use release_links_sql::paging::clamped;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use crate::failure::Failure;
use crate::file::by_name;
use crate::open::{BUSY_TIMEOUT, STATEMENTS_KEPT, keep_plans};
use crate::query::run;

/// How long opening waits for the connections.
const POOL_TIMEOUT: Duration = Duration::from_secs(1);
/// How many connections serve short reads, for each core, and how many long ones. A short read holds its connection without
/// interruption, so there are never more at a time than workers, of which there is one for each core.
pub const CONNECTIONS_PER_CORE: usize = 2;
/// How long a long read waits for its turn.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a short read goes on trying while another process holds the lock on the file.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it pauses between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);
/// The most rows that a short read looks at, a page of the largest size among them.
pub const SHORT_ROWS: u64 = 1_000;
/// The most links that a short read turns into values, which takes longer than to look at them.
pub const SHORT_LINKS: usize = 200;

/// The most bytes of text that a short read returns: as many as that many links usually have.
pub const SHORT_BYTES: u64 = 64 * 1024;

/// How much further back in the line for the processor a long read stands than a worker.
const NICENESS: i32 = 10;

/// Where a read runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// On a worker, which serves nobody else meanwhile.
    Short,
    /// On a thread of its own.
    Long,
}

impl Lane {
    /// Goes on with a read that looks at so many rows, unless they are too many here.
    pub fn admit_rows(self, rows: u64) -> Result<(), Failure> {
        if self == Self::Short && rows > SHORT_ROWS { Err(Failure::TooLong) } else { Ok(()) }
    }

    /// Goes on with a read that returns so many bytes of text, unless they are too many here.
    pub fn admit_bytes(self, bytes: u64) -> Result<(), Failure> {
        if self == Self::Short && bytes > SHORT_BYTES { Err(Failure::TooLong) } else { Ok(()) }
    }

    /// How many links of a release are looked at to find out how much text it has: enough to know that it is too much.
    pub fn links_to_size(self) -> i64 {
        let links = match self {
            Self::Short => SHORT_LINKS,
            Self::Long => Link::MAX_PER_RELEASE,
        };
        clamped(links as u64 + 1)
    }

    /// Goes on with a read that returns so many links, unless they are too many here.
    pub fn admit_links(self, links: usize) -> Result<(), Failure> {
        if self == Self::Short && links > SHORT_LINKS { Err(Failure::TooLong) } else { Ok(()) }
    }
}

/// Two pools of read-only connections.
#[derive(Clone)]
pub struct Readers {
    short: r2d2::Pool<SqliteConnectionManager>,
    long: r2d2::Pool<SqliteConnectionManager>,
    /// One permit for each connection of `long`.
    turns: Arc<Semaphore>,
}

impl Readers {
    /// Opens the pools on a database that exists.
    pub fn open(path: &Path) -> Result<Self, r2d2::Error> {
        let size = CONNECTIONS_PER_CORE * thread::available_parallelism().map_or(1, usize::from);
        // A worker never waits within SQLite for a lock that another process holds.
        let (short, long) = (pool(path, size, "0")?, pool(path, size, BUSY_TIMEOUT)?);
        Ok(Self { short, long, turns: Arc::new(Semaphore::new(size)) })
    }

    /// Runs a short `query` within one snapshot of the database, on the caller's thread.
    pub async fn read<T>(&self, query: impl Fn(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.read_nested(|conn| query(Snapshot::begin(conn)?.0)).await
    }

    /// As [`read`](Self::read), without a transaction: for a query that is one statement, or runs others only while the first
    /// stands on a row. The first is a snapshot by itself, and shares it.
    pub async fn read_nested<T>(&self, query: impl Fn(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let began = Instant::now();
        loop {
            // One that is not there at once is on its way back from another worker.
            let outcome = self.short.try_get().map(|conn| query(&conn));
            match outcome {
                Some(Ok(found)) => return Ok(found),
                Some(Err(failure)) if !failure.is_lock() || began.elapsed() > LOCK_TIMEOUT => return Err(failure),
                None if began.elapsed() > LOCK_TIMEOUT => return Err(Failure::Waited("a connection")),
                Some(Err(_)) | None => tokio::time::sleep(BETWEEN_TRIES).await,
            }
        }
    }

    /// Runs a long `query` within one snapshot of the database, on a thread of its own, once it is its turn.
    pub async fn read_long<T: Send + 'static>(
        self,
        query: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Failure::Waited("its turn among long reads"))?;
        let reading = move || {
            // It ends with the read, also when nobody waits for that any more.
            let _turn = turn;
            let_workers_go_first();
            let conn = self.long.get().map_err(|error| StoreError::Unavailable(error.into()))?;
            let snapshot = Snapshot::begin(&conn)?;
            Ok(query(snapshot.0)?)
        };
        tokio::task::spawn_blocking(reading).await.map_err(|error| StoreError::Internal(error.into()))?
    }
}

/// Lowers the priority of the current thread, once: long reads would else have as much of the processor as the workers that
/// answer everybody else. Nothing but long work runs on such threads.
fn let_workers_go_first() {
    thread_local! {
        static LOWERED: Cell<bool> = const { Cell::new(false) };
    }
    // On Linux each thread has a priority of its own. Where it cannot be lowered, the read goes on as it is.
    if !LOWERED.replace(true)
        && let Err(error) = rustix::process::nice(NICENESS)
    {
        tracing::debug!(%error, "cannot lower the priority of a thread for long reads");
    }
}

fn pool(
    path: &Path,
    size: usize,
    busy_timeout: &'static str,
) -> Result<r2d2::Pool<SqliteConnectionManager>, r2d2::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let manager = SqliteConnectionManager::file(by_name(path)).with_flags(flags).with_init(move |conn| {
        conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        keep_plans(conn)?;
        conn.execute_batch(&format!("PRAGMA busy_timeout = {busy_timeout}; PRAGMA query_only = ON"))
    });
    r2d2::Pool::builder()
        .max_size(u32::try_from(size).unwrap_or(u32::MAX))
        .connection_timeout(POOL_TIMEOUT)
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .build(manager)
}

/// A read transaction. `Connection::transaction` would parse its statements anew each time.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(conn: &'a Connection) -> Result<Self, Failure> {
        run(conn, "BEGIN", [])?;
        Ok(Self(conn))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // SQLite has ended the transaction by itself after some errors; nothing was written that could be lost.
        if !self.0.is_autocommit()
            && let Err(Failure::Sqlite(error)) = run(self.0, "ROLLBACK", [])
        {
            tracing::warn!(%error, "cannot end a read transaction");
        }
    }
}
