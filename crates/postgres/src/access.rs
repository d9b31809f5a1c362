//! The connections of a store, and the timeouts of the operations that use them.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use release_links_ports::PoolState;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::open::{Options, open};
use crate::open_error::OpenError;
use crate::query::Session;

/// Long reads may use one in this many connections.
pub const LONG_READS_SHARE: usize = 2;

/// The timeout of a long read for its turn.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(2);

/// The connections of a store.
#[derive(Clone)]
pub struct Access {
    pool: Pool,
    /// One permit per connection that long reads may use.
    turns: Arc<Semaphore>,
    /// The number of those permits.
    long_reads: usize,
    timeout: Duration,
}

impl Access {
    /// Connects to a database and migrates its schema.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let long_reads = (options.connections / LONG_READS_SHARE).max(1);
        let turns = Arc::new(Semaphore::new(long_reads));
        let pool = open(options).await?;
        Ok(Self { pool, turns, long_reads, timeout: options.timeout })
    }

    /// Returns the state of all connections, and of those that long reads may use.
    pub fn pools(&self) -> [PoolState; 2] {
        let status = self.pool.status();
        let busy = self.long_reads.saturating_sub(self.turns.available_permits());
        [
            PoolState { name: "all", maximum: status.max_size, busy: status.size.saturating_sub(status.available) },
            PoolState { name: "long_reads", maximum: self.long_reads, busy },
        ]
    }

    /// Closes all connections.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Returns a connection for one operation, which completes or fails within the store's timeout.
    pub async fn session(&self) -> Result<Session, Failure> {
        self.session_within(self.timeout).await
    }

    /// Like [`session`](Self::session), but with [`Options::LONG`] as the timeout of the operation. The wait for a
    /// connection is as short.
    pub async fn session_for_long(&self) -> Result<Session, Failure> {
        self.session_within(Options::LONG).await
    }

    /// Like [`session`](Self::session), for reads that grow with the database. A semaphore limits them to half of the
    /// connections.
    pub async fn session_for_list(&self) -> Result<Session, Failure> {
        let turn = timeout(TURN_TIMEOUT, self.turns.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Failure::TooSlow)?;
        Ok(self.session().await?.in_turn(turn))
    }

    async fn session_within(&self, timeout: Duration) -> Result<Session, Failure> {
        let now = Instant::now();
        let connection = timeout_at(now + self.timeout, self.pool.get()).await.map_err(|_| Failure::TooSlow)??;
        Ok(Session::new(connection, now + timeout))
    }
}
