//! The bytes of the files that the server keeps itself.

use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use jiff::Timestamp;
use release_links_domain::file::{FileKey, FilesMark, MaxFileSize, StoredBytes};

use crate::{BoxError, StoreError};

/// Items one after another, until the end or the first error.
pub type FileStream<T, E> = Pin<Box<dyn Stream<Item = Result<T, E>> + Send>>;

/// The bytes of an upload. An error says why they end before the file does.
pub type IncomingBytes = FileStream<Bytes, BoxError>;

/// The bytes of a download. After an error no more come.
pub type OutgoingBytes = FileStream<Bytes, StoreError>;

/// Why bytes were not stored. Nothing is left of them.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// They ended before the file did.
    #[error("the upload broke off")]
    BrokenOff(#[source] BoxError),
    /// There are more than [`FileStore::max_size`] allows.
    #[error("the file is too large")]
    TooLarge,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Bytes that are stored, as a list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Their key.
    pub key: FileKey,
    /// How many they are.
    pub size: u64,
    /// When they were stored, by the clock of the store.
    pub stored_at: Timestamp,
}

/// The bytes of files, each under a key that is used only once. Rows in storage say which of them are files of a project.
///
/// Every method needs memory that does not depend on the size of a file.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Returns the size up to which files are stored.
    fn max_size(&self) -> MaxFileSize;

    /// Stores bytes under a new key, or under one whose bytes are missing or cut off, and returns only once they outlast a power cut. If the stream fails or is too long, if
    /// storage fails, or if the future is dropped, nothing of them MUST be read or listed, nor take up space: only what a
    /// server could not remove before it was killed is left to [`discard_unfinished`](Self::discard_unfinished).
    ///
    /// # Errors
    /// [`PutError`] says why nothing was stored.
    async fn put(&self, key: &FileKey, bytes: IncomingBytes) -> Result<StoredBytes, PutError>;

    /// Returns how many bytes a key has, or `None` if it has none at all.
    async fn size(&self, key: &FileKey) -> Result<Option<u64>, StoreError>;

    /// Returns the bytes from the start of a range up to, but not including, its end, or `None` if the key has none. If
    /// there are fewer, the stream MUST fail.
    async fn read(&self, key: &FileKey, range: Range<u64>) -> Result<Option<OutgoingBytes>, StoreError>;

    /// Lists everything that is stored, in any order. What is stored or deleted meanwhile may be left out or be listed.
    fn list(&self) -> FileStream<ListedFile, StoreError>;

    /// Returns the mark of the place, if it has one.
    async fn mark(&self) -> Result<Option<FilesMark>, StoreError>;

    /// Marks the place. The mark outlasts a power cut, and is no file.
    async fn set_mark(&self, mark: &FilesMark) -> Result<(), StoreError>;

    /// Deletes the bytes of a key, if it has any.
    async fn delete(&self, key: &FileKey) -> Result<(), StoreError>;

    /// Removes what is left of uploads that never ended and to which nothing was written since a time, and returns how many
    /// there were.
    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, StoreError>;
}
