//! The connections of a store, and how long an operation may keep one.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::open::{Options, open};
use crate::open_error::OpenError;
use crate::query::Session;

/// Which part of the connections long reads may take: one in so many.
pub const LONG_READS_SHARE: usize = 2;

/// How long a long read waits for its turn.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(2);

/// The connections of a store.
#[derive(Clone)]
pub struct Access {
    pool: Pool,
    /// One permit for each connection that long reads may take.
    turns: Arc<Semaphore>,
    timeout: Duration,
}

impl Access {
    /// Reaches a database and brings its schema up to date.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let turns = Arc::new(Semaphore::new((options.connections / LONG_READS_SHARE).max(1)));
        Ok(Self { pool: open(options).await?, turns, timeout: options.timeout })
    }

    /// Ends all of it.
    pub fn close(&self) {
        self.pool.close();
    }

    /// A connection for an operation that is done or has failed within the store's patience.
    pub async fn session(&self) -> Result<Session, Failure> {
        self.session_within(self.timeout).await
    }

    /// As [`session`](Self::session), for what takes long; the connection itself comes as soon as any other.
    pub async fn session_for_long(&self) -> Result<Session, Failure> {
        self.session_within(Options::LONG).await
    }

    /// As [`session`](Self::session), for reads that grow with the database: they take turns on half of the connections.
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
