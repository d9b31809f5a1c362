//! The bytes that are in use according to a database file of any schema version, which is not changed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use release_links_domain::file::FileKey;
use release_links_ports::{FileOwner, KeptBytes, KeptFiles, KeptTotal, StoreError};
use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;
use crate::file::connect;
use crate::open::{BUSY_TIMEOUT, OpenError, unusable};
use crate::tables::file_bytes::{after, in_use, owners, total};

/// A database file, open for reading. It blocks the thread while it reads, so it is for commands and not for a server.
pub struct KeptInFile {
    conn: Mutex<Connection>,
    /// Whether the schema has files.
    has_files: bool,
}

impl KeptInFile {
    /// Opens a database of release-links.
    ///
    /// # Errors
    /// [`OpenError::Unusable`] or [`OpenError::NotADatabase`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::connect(path).map_err(|error| unusable(path, &error))
    }

    fn connect(path: &Path) -> rusqlite::Result<Self> {
        // A read-only connection would leave SQLite's files beside the database when no server runs.
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT}; PRAGMA query_only = ON"))?;
        let has_files = conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'uploads'")?.exists([])?;
        Ok(Self { conn: Mutex::new(conn), has_files })
    }

    fn read<T: Default>(&self, query: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, StoreError> {
        if !self.has_files {
            return Ok(T::default());
        }
        Ok(query(&self.conn.lock().unwrap_or_else(PoisonError::into_inner))?)
    }
}

#[async_trait]
impl KeptFiles for KeptInFile {
    async fn in_use(&self, keys: Vec<FileKey>) -> Result<Vec<FileKey>, StoreError> {
        self.read(|conn| in_use(conn, &keys))
    }

    async fn after(&self, key: Option<FileKey>, limit: u32) -> Result<Vec<KeptBytes>, StoreError> {
        self.read(|conn| after(conn, key.as_ref(), limit))
    }

    async fn owners(&self, key: &FileKey, limit: u32) -> Result<Vec<FileOwner>, StoreError> {
        self.read(|conn| owners(conn, key, limit))
    }

    async fn total(&self) -> Result<KeptTotal, StoreError> {
        self.read(total)
    }
}
