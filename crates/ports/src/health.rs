//! The health check of storage.

use async_trait::async_trait;

use crate::StoreError;

/// Checks that storage responds, for the readiness endpoint.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Health: Send + Sync {
    /// Runs a trivial query.
    async fn ping(&self) -> Result<(), StoreError>;
}
