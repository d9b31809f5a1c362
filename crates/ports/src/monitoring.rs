//! What monitoring learns from storage.

use std::time::Duration;

use async_trait::async_trait;

use crate::StoreError;

/// Is told of commits, by storage that gathers requests into them.
pub trait CommitObserver: Send + Sync {
    /// A transaction of that many requests was committed. `took` is how long the commit itself took.
    fn committed(&self, requests: usize, took: Duration);
}

/// Connections that take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// What they are for.
    pub name: &'static str,
    /// The maximum number of connections.
    pub maximum: usize,
    /// The connections in use.
    pub busy: usize,
}

/// The state of storage at a moment. A kind of storage leaves out what it does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageState {
    /// The size of the database in bytes.
    pub database_bytes: Option<u64>,
    /// The size of the write-ahead log in bytes.
    pub log_bytes: Option<u64>,
    /// The number of writes that wait for the writer.
    pub waiting_writes: Option<usize>,
    /// The connections.
    pub pools: Vec<PoolState>,
}

/// Storage that can be monitored.
#[async_trait]
pub trait Monitored: Send + Sync {
    /// Returns the state of storage, without what cannot be read now.
    async fn state(&self) -> Result<StorageState, StoreError>;
}
