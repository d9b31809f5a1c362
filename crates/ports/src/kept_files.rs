//! Which bytes of a file store are in use.

use async_trait::async_trait;
use release_links_domain::file::FileKey;

use crate::{KeptBytes, StoreError};

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
}
