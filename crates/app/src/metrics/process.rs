//! What the system knows of the process, by the names that Prometheus's libraries give it.

use std::fmt::Error;
use std::fs;

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// The process, when it began.
#[derive(Debug)]
pub(super) struct Process {
    began: Timestamp,
}

impl Process {
    /// Returns the process that began then.
    pub(super) const fn since(began: Timestamp) -> Self {
        Self { began }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let (name, help) = ("process_cpu", "Processor time");
        let metric = encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Counter)?;
        ConstCounter::new(processor_time()).encode(metric)?;
        let (name, help) = ("process_start_time", "When the process began, in Unix time");
        let metric = encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Gauge)?;
        ConstGauge::new(self.began.as_second()).encode(metric)?;
        for (name, help, value) in [
            ("process_resident_memory_bytes", "Resident memory", resident_memory()),
            ("process_open_fds", "Open files", open_files()),
            ("process_max_fds", "Open files at most", getrlimit(Resource::Nofile).current),
        ] {
            if let Some(value) = value {
                ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
            }
        }
        Ok(())
    }
}

/// Returns the processor time of the process in seconds.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or_default();
    std::time::Duration::from_secs(seconds).saturating_add(std::time::Duration::from_nanos(nanoseconds)).as_secs_f64()
}

/// Returns the resident memory in bytes.
fn resident_memory() -> Option<u64> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let resident: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    resident.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}

fn open_files() -> Option<u64> {
    u64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}
