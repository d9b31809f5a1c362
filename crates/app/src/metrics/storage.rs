//! What storage reports.

use std::fmt::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use release_links_ports::{CommitObserver, StorageState};

/// The bounds of the buckets of requests that one transaction commits.
const REQUESTS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// The bounds of the buckets of commits, in seconds: from a fast disk to one that fails.
const SECONDS: [f64; 12] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// What the writer of a database file does.
pub(super) struct Writer {
    batches: Histogram,
    commits: Histogram,
}

impl Writer {
    /// Creates its metrics, all zero, and registers them.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (batches, commits) = (Histogram::new(REQUESTS), Histogram::new(SECONDS));
        registry.register("writer_batch_requests", "Writes that one transaction committed together", batches.clone());
        registry.register_with_unit(
            "writer_commit_duration",
            "Time to commit a transaction, its sync to disk included",
            Unit::Seconds,
            commits.clone(),
        );
        Self { batches, commits }
    }
}

impl CommitObserver for Writer {
    #[expect(clippy::cast_precision_loss, reason = "a batch is far smaller than the integers that are exact")]
    fn committed(&self, requests: usize, took: Duration) {
        self.batches.observe(requests as f64);
        self.commits.observe(took.as_secs_f64());
    }
}

/// The state of storage when it was last asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct LastState(Arc<Mutex<StorageState>>);

impl LastState {
    pub(super) fn replace(&self, state: StorageState) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl Collector for LastState {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let waiting = state.waiting_writes.map(count);
        for (name, help, value) in [
            ("database_bytes", "Size of the database", state.database_bytes),
            ("wal_bytes", "Size of the write-ahead log", state.log_bytes),
            ("writer_queue_requests", "Writes that wait for the writer", waiting),
        ] {
            if let Some(value) = value {
                ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
            }
        }
        let busy = state.pools.iter().map(|pool| (pool.name, count(pool.busy))).collect();
        of_pools(&mut encoder, "pool_busy_connections", "Connections to the database in use", busy)?;
        let most = state.pools.iter().map(|pool| (pool.name, count(pool.maximum))).collect();
        of_pools(&mut encoder, "pool_max_connections", "Connections to the database at most", most)
    }
}

/// Encodes a number of each pool.
fn of_pools(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    values: Vec<(&'static str, u64)>,
) -> Result<(), Error> {
    if values.is_empty() {
        return Ok(());
    }
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (pool, value) in values {
        ConstGauge::new(value).encode(metric.encode_family(&[("pool", pool)])?)?;
    }
    Ok(())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
