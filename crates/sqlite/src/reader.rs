//! The connections that read: pooled, read-only, each request in one snapshot.

use std::path::Path;
use std::thread;
use std::time::Duration;

use r2d2_sqlite::SqliteConnectionManager;
use release_links_ports::StoreError;
use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;
use crate::file::by_name;
use crate::open::{BUSY_TIMEOUT, STATEMENTS_KEPT, keep_plans};
use crate::query::run;

/// How long a request waits for a connection.
const POOL_TIMEOUT: Duration = Duration::from_secs(1);
/// A connection is held only while one request reads, so few are ever in use at once.
const CONNECTIONS_PER_CORE: usize = 4;

/// A pool of read-only connections.
#[derive(Clone)]
pub struct Readers(r2d2::Pool<SqliteConnectionManager>);

impl Readers {
    /// Opens the pool on a database that exists.
    pub fn open(path: &Path) -> Result<Self, r2d2::Error> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let size = u32::try_from(cores * CONNECTIONS_PER_CORE).unwrap_or(u32::MAX);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(by_name(path)).with_flags(flags).with_init(|conn| {
            conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
            keep_plans(conn)?;
            conn.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT}; PRAGMA query_only = ON"))
        });
        r2d2::Pool::builder()
            .max_size(size)
            .connection_timeout(POOL_TIMEOUT)
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .build(manager)
            .map(Self)
    }

    /// Runs `query` within one snapshot of the database.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, StoreError> {
        let conn = self.0.get().map_err(|error| StoreError::Unavailable(error.into()))?;
        let snapshot = Snapshot::begin(&conn)?;
        Ok(query(snapshot.0)?)
    }

    /// As [`read`](Self::read), without a transaction: for a query that is one statement, or runs others only while the first
    /// stands on a row. The first is a snapshot by itself, and shares it.
    pub fn read_nested<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, StoreError> {
        let conn = self.0.get().map_err(|error| StoreError::Unavailable(error.into()))?;
        Ok(query(&conn)?)
    }
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
            tracing::warn!(%error, "a read transaction did not end");
        }
    }
}
