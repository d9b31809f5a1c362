//! The store: what all ports are implemented on.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use release_links_ports::REMOVED_BY_THE_REQUEST;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::Failure;
use crate::open::{OpenError, Options, open};
use crate::query::Session;
use crate::sweeper::Sweeper;
use crate::sweeping::sweep;

/// How many steps of deleting it a removal takes itself. What is small is gone after these: the bots of a project go in a
/// step of their own.
const STEPS_OF_THE_REQUEST: usize = 4;

/// Which part of the connections long reads may take: one in so many.
pub const LONG_READS_SHARE: usize = 2;

/// How long a long read waits for its turn.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(2);

/// A database that many servers may share. Clones share its connections.
#[derive(Clone)]
pub struct PostgresStore {
    access: Access,
    sweeper: Arc<Sweeper>,
}

/// The connections of a store.
#[derive(Clone)]
pub(crate) struct Access {
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
        let turns = Arc::new(Semaphore::new((options.connections / LONG_READS_SHARE).max(1)));
        let access = Access { pool: open(options).await?, turns, patience: options.patience };
        let sweeper = Arc::new(Sweeper::start(access.clone()));
        Ok(Self { access, sweeper })
    }

    /// Ends the store. What is asked of this store or its clones afterwards is unavailable.
    pub fn close(&self) {
        self.sweeper.stop();
        self.access.pool.close();
    }

    /// A connection for an operation that is done or has failed within the store's patience.
    pub(crate) async fn session(&self) -> Result<Session, Failure> {
        self.access.session().await
    }

    /// As [`session`](Self::session), for what takes long; the connection itself comes as soon as any other.
    pub(crate) async fn session_for_long(&self) -> Result<Session, Failure> {
        self.access.session_for_long().await
    }

    /// As [`session`](Self::session), for reads that grow with the database: they take turns on half of the connections.
    pub(crate) async fn session_for_list(&self) -> Result<Session, Failure> {
        self.access.session_for_list().await
    }

    /// Deletes what was removed just now, as far as it is small, and leaves the rest to others. It counts as removed already:
    /// whatever fails here is done later.
    pub(crate) async fn sweep_what_is_small(&self) {
        for _ in 0..STEPS_OF_THE_REQUEST {
            if !matches!(self.sweep_step().await, Ok(true)) {
                return;
            }
        }
        self.sweeper.wake();
    }

    /// Has what was removed just now deleted by others.
    pub(crate) fn wake_sweeper(&self) {
        self.sweeper.wake();
    }

    async fn sweep_step(&self) -> Result<bool, Failure> {
        let step = sweep(&self.session().await?, REMOVED_BY_THE_REQUEST).await;
        if step.is_err() {
            self.sweeper.wake();
        }
        step
    }
}

impl Access {
    async fn session(&self) -> Result<Session, Failure> {
        self.session_within(self.patience).await
    }

    pub(crate) async fn session_for_long(&self) -> Result<Session, Failure> {
        self.session_within(Options::LONG).await
    }

    async fn session_for_list(&self) -> Result<Session, Failure> {
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
