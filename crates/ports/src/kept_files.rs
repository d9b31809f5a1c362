//! Which bytes of a file store are in use.

use async_trait::async_trait;
use release_links_domain::file::{FileKey, FileRef};
use release_links_domain::namespace::FullPath;

use crate::{KeptBytes, StoreError};

/// A file that has some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOwner {
    /// Its project.
    pub project: FullPath,
    /// What it is called there.
    pub file: FileRef,
}

/// What all bytes in use are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeptTotal {
    /// How many keys there are.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// How many bytes the largest has.
    pub largest: u64,
}

/// The bytes that files have, each once, whichever files of whichever projects have them.
///
/// Bytes MUST NOT come into use again under a key that no longer is: whoever finds that a key is not in use may delete its
/// bytes, unless they are so new that the row of their file may still be on its way.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait KeptFiles: Send + Sync {
    /// Returns those of these keys that are in use, in any order.
    async fn in_use(&self, keys: Vec<FileKey>) -> Result<Vec<FileKey>, StoreError>;

    /// Returns the first bytes in use after a key, in the order of the keys.
    async fn after(&self, key: Option<FileKey>, limit: u32) -> Result<Vec<KeptBytes>, StoreError>;

    /// Returns files that have the bytes of a key, packages first, each in the order in which they were made; none if the key is
    /// not in use.
    async fn owners(&self, key: &FileKey, limit: u32) -> Result<Vec<FileOwner>, StoreError>;

    /// Adds up all bytes in use. It takes time that grows with their number.
    async fn total(&self) -> Result<KeptTotal, StoreError>;
}
