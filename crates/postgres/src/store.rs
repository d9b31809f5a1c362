//! The store, which implements all ports.

use std::sync::Arc;

use release_links_domain::location::ExternalUrl;
use release_links_ports::REMOVED_BY_THE_REQUEST;

use crate::access::Access;
use crate::bearers::Bearers;
use crate::failure::Failure;
use crate::open::Options;
use crate::open_error::OpenError;
use crate::query::Session;
use crate::sweeper::Sweeper;
use crate::sweeping::sweep;

/// The number of sweeping steps that a deleting request runs itself. Something small is completely deleted after these,
/// as the bots of a project take a step of their own.
const STEPS_OF_THE_REQUEST: usize = 4;

/// A database that several servers may share. Clones share its connections.
#[derive(Clone)]
pub struct PostgresStore {
    access: Access,
    sweeper: Arc<Sweeper>,
    bearers: Arc<Bearers>,
    external: Option<Arc<ExternalUrl>>,
}

impl PostgresStore {
    /// Connects to a database and migrates its schema. The connections run on the caller's runtime.
    ///
    /// # Errors
    /// [`OpenError`], whose messages are for operators.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let access = Access::open(options).await?;
        let sweeper = Arc::new(Sweeper::start(access.clone()));
        Ok(Self { access, sweeper, bearers: Arc::default(), external: None })
    }

    /// Makes links to the files of the service follow them: links whose URLs are addresses below this one.
    #[must_use]
    pub fn serving_at(self, external: ExternalUrl) -> Self {
        Self { external: Some(Arc::new(external)), ..self }
    }

    /// Closes the store. Later calls to this store or its clones fail as unavailable.
    pub fn close(&self) {
        self.sweeper.stop();
        self.access.close();
    }

    pub(crate) const fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) fn bearers(&self) -> &Bearers {
        &self.bearers
    }

    /// Returns a connection for one operation, which completes or fails within the store's timeout.
    pub(crate) async fn session(&self) -> Result<Session, Failure> {
        Ok(self.access.session().await?.serving_at(self.external.clone()))
    }

    /// Like [`session`](Self::session), but with [`Options::LONG`] as the timeout of the operation. The wait for a
    /// connection is as short.
    pub(crate) async fn session_for_long(&self) -> Result<Session, Failure> {
        Ok(self.access.session_for_long().await?.serving_at(self.external.clone()))
    }

    /// Like [`session`](Self::session), for reads that grow with the database. A semaphore limits them to half of the
    /// connections.
    pub(crate) async fn session_for_list(&self) -> Result<Session, Failure> {
        self.access.session_for_list().await
    }

    /// Sweeps the newest deletion if it is small, and leaves the rest to the sweeper. The deletion itself is committed,
    /// so the sweeper also repeats what fails here.
    pub(crate) async fn sweep_what_is_small(&self) {
        for _ in 0..STEPS_OF_THE_REQUEST {
            if !matches!(self.sweep_step().await, Ok(true)) {
                return;
            }
        }
        self.sweeper.wake();
    }

    /// Wakes the sweeper after a deletion.
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
