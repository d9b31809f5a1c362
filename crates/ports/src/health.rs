//! Whether storage answers.

use async_trait::async_trait;

use crate::StoreError;

/// Asked by readiness checks.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Health: Send + Sync {
    /// Reads something small.
    async fn ping(&self) -> Result<(), StoreError>;
}
