//! Time and randomness, passed in so that tests can choose them.

use jiff::Timestamp;

/// What time it is.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system has no randomness")]
pub struct EntropyError(#[source] pub crate::BoxError);

/// Where secrets come from.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from a source fit for secrets.
    ///
    /// # Errors
    /// [`EntropyError`] when the system has none; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}
