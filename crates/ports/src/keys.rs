//! Random values that all servers on a database share.

use std::fmt;

use async_trait::async_trait;

use crate::StoreError;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyUse {
    /// Signing tickets, which open files for a while.
    Tickets,
    /// Telling the place with the files of this database from those of others.
    Files,
}

/// A random value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DatabaseKey(pub [u8; 32]);

/// Omits the key, which may be a secret.
impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

/// Where keys are kept, one for each use.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DatabaseKeys: Send + Sync {
    /// Returns the key for a use. If there is none, `new` becomes the key; of servers that race, all MUST get the same.
    async fn key(&self, of: KeyUse, new: DatabaseKey) -> Result<DatabaseKey, StoreError>;
}
