//! The task that sweeps pending deletions. It runs when the store is opened, when a deletion wakes it, and at
//! intervals, in case another server has left something undone.

use std::sync::Arc;
use std::time::Duration;

use release_links_ports::REMOVED_AT_A_TIME;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::access::Access;
use crate::failure::Failure;
use crate::sweeping::sweep;

/// The interval at which the sweeper runs if nothing wakes it.
pub const SWEEP_INTERVAL: Duration = Duration::from_mins(1);

/// A handle to the task. Dropping it aborts the task; the database rolls back the current step, which a later sweeper
/// repeats.
pub struct Sweeper {
    wake: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Starts the task on the caller's runtime.
    pub fn start(access: Access) -> Self {
        let wake = Arc::new(Notify::new());
        let woken = Arc::clone(&wake);
        let task = tokio::spawn(async move {
            loop {
                match sweep_on(&access).await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => tracing::debug!(?error, "cannot sweep deleted rows yet"),
                }
                // A timeout is no error: look for pending deletions either way.
                let _ = timeout(SWEEP_INTERVAL, woken.notified()).await;
            }
        });
        Self { wake, task }
    }

    /// Wakes the task.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Stops the task.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn sweep_on(access: &Access) -> Result<bool, Failure> {
    sweep(&access.session_for_long().await?, REMOVED_AT_A_TIME).await
}
