//! The store: what all ports are implemented on.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use release_links_ports::{REMOVED_AT_A_TIME, StoreError};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::file::warn_if_open_to_all;
use crate::open::{OpenError, open_for_writing};
use crate::reader::{Lane, Readers};
use crate::sweeping::sweep;
use crate::tables::removals::is_due;
use crate::writer::{Work, Writer};

/// How many writes may wait; a further one is told to come back later.
pub const QUEUE: usize = 1024;

/// What was removed is deleted between requests.
const SWEEPING: Work = Work { is_due, step: |conn| sweep(conn, REMOVED_AT_A_TIME) };

/// A database in a file. Clones share it.
#[derive(Clone)]
pub struct SqliteStore(Arc<RwLock<Option<Connections>>>);

struct Connections {
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens a database, creating it and its directory when they are missing, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`], whose messages are for the people who run the service.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        let writer = open_for_writing(path)?;
        warn_if_open_to_all(path);
        let readers = Readers::open(path).map_err(|error| unusable(error.into()))?;
        let writer = Writer::start(writer, QUEUE, SWEEPING).map_err(|error| unusable(error.into()))?;
        Ok(Self(Arc::new(RwLock::new(Some(Connections { readers, writer })))))
    }

    /// Ends the store: writes that wait are done, and the file is left without a log beside it. Blocks until then. What is
    /// asked of this store or its clones afterwards is unavailable.
    pub fn close(&self) {
        let open = self.0.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Connections { readers, writer }) = open {
            // The writer is the last to go, as only the last connection removes the log.
            drop(readers);
            writer.finish();
        }
    }

    fn connections<T>(&self, choose: impl FnOnce(&Connections) -> T) -> Result<T, StoreError> {
        let open = self.0.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map(choose).ok_or_else(|| StoreError::Unavailable("the store is closed".into()))
    }

    fn readers(&self) -> Result<Readers, StoreError> {
        self.connections(|open| open.readers.clone())
    }

    /// Reads within one snapshot, on the caller's thread: for reads that are short, whatever the database holds.
    pub(crate) async fn read<T>(&self, query: impl Fn(&Connection) -> Result<T, Failure>) -> Result<T, StoreError> {
        Ok(self.readers()?.read(query).await?)
    }

    /// As [`read`](Self::read), of one statement and what runs while it stands on a row. That is a snapshot by itself, and
    /// cheaper than a transaction: for what every request asks.
    pub(crate) async fn read_nested<T>(
        &self,
        query: impl Fn(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        Ok(self.readers()?.read_nested(query).await?)
    }

    /// As [`read`](Self::read), on a thread of its own, taking turns: for reads that grow with the database.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers()?.read_long(query).await
    }

    /// Reads within one snapshot: as [`read`](Self::read), and again as [`read_long`](Self::read_long) where that proves too
    /// long, which `query` tells its [`Lane`].
    pub(crate) async fn read_any<T: Send + 'static>(
        &self,
        query: impl Fn(&Connection, Lane) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.readers()?;
        match readers.read(|conn| query(conn, Lane::Short)).await {
            Err(Failure::TooLong) => readers.read_long(move |conn| query(conn, Lane::Long)).await,
            outcome => Ok(outcome?),
        }
    }

    /// Writes, perhaps in one transaction with others; what is refused or fails leaves nothing behind.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.connections(|open| open.writer.submit(work, false))??.await
    }

    /// As [`write`](Self::write), in a transaction of its own: for writes that take long.
    pub(crate) async fn write_alone<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.connections(|open| open.writer.submit(work, true))??.await
    }
}
