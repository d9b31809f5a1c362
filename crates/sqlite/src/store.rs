//! The store, which implements all ports.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use release_links_domain::location::ExternalUrl;
use release_links_ports::{REMOVED_AT_A_TIME, StoreError};
use rusqlite::Connection;

use crate::answers::Answers;
use crate::failure::Failure;
use crate::file::warn_if_open_to_all;
use crate::leases::{Commits, LEASE};
use crate::open::{OpenError, open_for_writing};
use crate::reader::{Lane, Readers};
use crate::sweeping::sweep;
use crate::tables::removals::is_pending;
use crate::writer::{BackgroundWork, Writer};

/// The capacity of the write queue. Further writes fail as unavailable.
pub const QUEUE: usize = 1024;

/// Sweeps pending deletions between requests.
const SWEEPING: BackgroundWork = BackgroundWork { is_pending, step: |conn| sweep(conn, REMOVED_AT_A_TIME) };

/// A database in a file. Clones share its connections.
#[derive(Clone)]
pub struct SqliteStore {
    open: Arc<RwLock<Option<Connections>>>,
    external: Option<Arc<ExternalUrl>>,
}

struct Connections {
    path: PathBuf,
    readers: Arc<Readers>,
    writer: Writer,
    /// How long a write waits after its commit.
    after_commit: Duration,
}

impl SqliteStore {
    /// Opens a database, creates it and its directory if they are missing, and migrates its schema.
    ///
    /// # Errors
    /// [`OpenError`], whose messages are for operators.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, Duration::ZERO)
    }

    /// Like [`open`](Self::open), for a command beside a running server: a write returns only once the server sees it.
    ///
    /// # Errors
    /// [`OpenError`], whose messages are for operators.
    pub fn open_beside_a_server(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, LEASE)
    }

    fn open_with(path: &Path, after_commit: Duration) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        let writer = open_for_writing(path)?;
        warn_if_open_to_all(path);
        let commits = Commits::default();
        let readers = Arc::new(Readers::open(path, commits.clone()).map_err(unusable)?);
        let writer = Writer::start(writer, QUEUE, SWEEPING, commits).map_err(|error| unusable(error.into()))?;
        let open = Connections { path: path.to_owned(), readers, writer, after_commit };
        Ok(Self { open: Arc::new(RwLock::new(Some(open))), external: None })
    }

    /// Makes links to the files of the service follow them: links whose URLs are addresses below this one.
    #[must_use]
    pub fn serving_at(self, external: ExternalUrl) -> Self {
        Self { external: Some(Arc::new(external)), ..self }
    }

    /// Returns where the service is reached, if the store knows.
    pub(crate) fn external(&self) -> Option<Arc<ExternalUrl>> {
        self.external.clone()
    }

    /// Closes the store. Blocks until all queued writes are done and the write-ahead log is merged into the file and
    /// deleted. Later calls to this store or its clones fail as unavailable.
    pub fn close(&self) {
        let open = self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Connections { readers, writer, .. }) = open {
            // The writer closes last, as only the last connection deletes the log.
            drop(readers);
            writer.finish();
        }
    }

    fn connections<T>(&self, choose: impl FnOnce(&Connections) -> T) -> Result<T, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map(choose).ok_or_else(|| StoreError::Unavailable("the store is closed".into()))
    }

    /// Returns what monitoring asks of the file, the connections that read and the writer.
    pub(crate) fn monitor<T>(&self, ask: impl FnOnce(&Path, &Readers, &Writer) -> T) -> Result<T, StoreError> {
        self.connections(|open| ask(&open.path, &open.readers, &open.writer))
    }

    fn readers(&self) -> Result<Arc<Readers>, StoreError> {
        self.connections(|open| Arc::clone(&open.readers))
    }

    /// Reads in one snapshot, on the caller's thread: for reads that are short whatever the database contains.
    pub(crate) async fn read<T>(&self, query: impl Fn(&Connection) -> Result<T, Failure>) -> Result<T, StoreError> {
        self.read_remembered(|conn, _| query(conn)).await
    }

    /// Like [`read`](Self::read), for what is asked again and again.
    pub(crate) async fn read_remembered<T>(
        &self,
        query: impl Fn(&Connection, &mut Answers) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        Ok(self.readers()?.read(query).await?)
    }

    /// Like [`read`](Self::read), on a blocking thread, once it is its turn: for reads that grow with the database.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers()?.read_long(query).await
    }

    /// Reads in one snapshot: first like [`read`](Self::read) and, if `query` learns from its [`Lane`] that this would
    /// take too long, again like [`read_long`](Self::read_long).
    pub(crate) async fn read_any<T: Send + 'static>(
        &self,
        query: impl Fn(&Connection, Lane) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.readers()?;
        match readers.read(|conn, _| query(conn, Lane::Short)).await {
            Err(Failure::TooLong) => readers.read_long(move |conn| query(conn, Lane::Long)).await,
            outcome => Ok(outcome?),
        }
    }

    /// Writes, possibly in one transaction with other requests. A write that is refused or fails leaves no trace.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(work, false).await
    }

    /// Like [`write`](Self::write), in a transaction of its own: for writes that take long.
    pub(crate) async fn write_alone<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(work, true).await
    }

    async fn submit<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        alone: bool,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (outcome, after) = self.connections(|open| (open.writer.submit(work, alone), open.after_commit))?;
        let outcome = outcome?.await;
        if !after.is_zero() {
            tokio::time::sleep(after).await;
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use tracing::{Dispatch, Instrument as _, Span};

    use super::*;

    #[tokio::test]
    async fn work_on_other_threads_is_in_the_callers_span() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("a.db")).unwrap();
        let dispatch = Dispatch::new(tracing_subscriber::registry());
        // Storage's own threads have no subscriber in this test, but its spans do.
        let current = {
            let dispatch = dispatch.clone();
            move || tracing::dispatcher::with_default(&dispatch, || Span::current().id())
        };
        let _installed = tracing::dispatcher::set_default(&dispatch);
        let span = tracing::error_span!("request");
        let of_write = current.clone();
        let write = store.write::<_, StoreError>(move |_| Ok(of_write()));
        assert_eq!(span.in_scope(current.clone()), span.id());
        assert_eq!(write.instrument(span.clone()).await.unwrap(), span.id());
        let read = store.read_long(move |_| Ok(current()));
        assert_eq!(read.instrument(span.clone()).await.unwrap(), span.id());
    }
}
