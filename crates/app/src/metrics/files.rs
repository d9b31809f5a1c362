//! How much space the files take that clients have published.

use std::fmt::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use release_links_ports::{KeptFiles, KeptTotal};

/// How long a total is shown before the files are added up again, which takes time that grows with their number.
const REMEMBERED: Duration = Duration::from_mins(1);

/// The total of all files, and when it was added up.
#[derive(Clone)]
pub(super) struct FilesTotal {
    kept: Arc<dyn KeptFiles>,
    last: Arc<Mutex<Option<(Instant, KeptTotal)>>>,
}

impl FilesTotal {
    pub(super) fn of(kept: Arc<dyn KeptFiles>) -> Self {
        Self { kept, last: Arc::default() }
    }

    /// Adds the files up again, if that was long ago. A database that does not answer leaves what was known.
    pub(super) async fn refresh(&self) {
        let last = self.last();
        if last.is_some_and(|(at, _)| at.elapsed() < REMEMBERED) {
            return;
        }
        if let Ok(total) = self.kept.total().await {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), total));
        }
    }

    fn last(&self) -> Option<(Instant, KeptTotal)> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for FilesTotal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FilesTotal").field(&self.last()).finish()
    }
}

impl Collector for FilesTotal {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let Some((_, KeptTotal { files, bytes, largest: _ })) = self.last() else { return Ok(()) };
        for (name, help, value) in [
            ("files", "Different files that are kept", files),
            ("files_bytes", "Bytes of the files that are kept", bytes),
        ] {
            ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}
