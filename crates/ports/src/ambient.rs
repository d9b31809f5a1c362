//! Time and randomness, passed in so that tests can control them.

use jiff::Timestamp;

/// A source of the current time.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current time, in UTC.
    fn now(&self) -> Timestamp;
}

/// The system returned no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system returned no random bytes")]
pub struct EntropyError(#[source] pub crate::BoxError);

/// A source of random bytes for secrets.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from a cryptographically secure source.
    ///
    /// # Errors
    /// [`EntropyError`] if the system returns no random bytes; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}
