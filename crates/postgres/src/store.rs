//! The store: what all ports are implemented on.

use std::sync::Arc;

use release_links_ports::REMOVED_BY_THE_REQUEST;

use crate::access::Access;
use crate::failure::Failure;
use crate::open::Options;
use crate::open_error::OpenError;
use crate::query::Session;
use crate::sweeper::Sweeper;
use crate::sweeping::sweep;

/// How many steps of deleting it a removal takes itself. What is small is gone after these: the bots of a project go in a
/// step of their own.
const STEPS_OF_THE_REQUEST: usize = 4;

/// A database that many servers may share. Clones share its connections.
#[derive(Clone)]
pub struct PostgresStore {
    access: Access,
    sweeper: Arc<Sweeper>,
}

impl PostgresStore {
    /// Reaches a database and brings its schema up to date. Its connections live on the runtime that this is called on.
    ///
    /// # Errors
    /// [`OpenError`], whose messages are for the people who run the service.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let access = Access::open(options).await?;
        let sweeper = Arc::new(Sweeper::start(access.clone()));
        Ok(Self { access, sweeper })
    }

    /// Ends the store. What is asked of this store or its clones afterwards is unavailable.
    pub fn close(&self) {
        self.sweeper.stop();
        self.access.close();
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
