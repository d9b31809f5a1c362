//! What is counted of uploads (docs/monitoring.md, "Metrics").

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The uploads at this moment, and those that were refused.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadCounts {
    pub(crate) running: Gauge,
    pub(crate) waiting: Gauge,
    pub(crate) refused: Counter,
}

/// One of those that a gauge counts, until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

impl UploadCounts {
    /// Creates the counts, all zero, and registers them.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let counts = Self::default();
        let Self { running, waiting, refused } = counts.clone();
        registry.register("uploads_running", "Uploads that are arriving", running);
        registry.register("uploads_waiting", "Uploads that wait for their turn", waiting);
        registry.register("uploads_refused", "Uploads that waited too long for their turn", refused);
        counts
    }
}

impl Counted {
    pub(crate) fn by(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
