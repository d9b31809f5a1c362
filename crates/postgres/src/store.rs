//! The store: what all ports are implemented on.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::open::{OpenError, Options, open};
use crate::query::Session;

/// How long a long read waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(2);

/// A database that many servers may share. Clones share its connections.
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool,
    /// One permit for each connection that long reads may take.
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl PostgresStore {
    /// Reaches a database and brings its schema up to date. Its connections live on the runtime that this is called on.
    ///
    /// # Errors
    /// [`OpenError`], whose messages are for the people who run the service.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let turns = Arc::new(Semaphore::new((options.connections / 2).max(1)));
        Ok(Self { pool: open(options).await?, turns, patience: options.patience })
    }

    /// Ends the store. What is asked of this store or its clones afterwards is unavailable.
    pub fn close(&self) {
        self.pool.close();
    }

    /// A connection for an operation that is done or has failed within the store's patience.
    pub(crate) async fn session(&self) -> Result<Session, Failure> {
        self.session_within(self.patience).await
    }

    /// As [`session`](Self::session), for what takes long; the connection itself comes as soon as any other.
    pub(crate) async fn session_for_long(&self) -> Result<Session, Failure> {
        self.session_within(Options::LONG).await
    }

    /// As [`session`](Self::session), for reads that grow with the database: they take turns on half of the connections.
    pub(crate) async fn session_for_list(&self) -> Result<Session, Failure> {
        let turn = timeout(TURN_TIMEOUT, self.turns.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Failure::TooSlow)?;
        Ok(self.session().await?.in_turn(turn))
    }

    async fn session_within(&self, patience: Duration) -> Result<Session, Failure> {
        let now = Instant::now();
        let connection = timeout_at(now + self.patience, self.pool.get()).await.map_err(|_| Failure::TooSlow)??;
        Ok(Session::new(connection, now + patience))
    }
}
