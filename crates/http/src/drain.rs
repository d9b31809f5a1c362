//! The end of a server: before it stops, it asks its clients to go elsewhere (docs/contract.md, "Starting the server").

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a server is about to stop: readiness is then 503, and every answer says `Connection: close`. Everything else is
/// served as before.
///
/// ```
/// use release_links_http::Drain;
///
/// let drain = Drain::default();
/// let seen_by_the_server = drain.clone();
/// assert!(!seen_by_the_server.has_begun());
/// drain.begin();
/// assert!(seen_by_the_server.has_begun());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<AtomicBool>);

impl Drain {
    /// Begins it, for good.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
