//! The task that deletes what was removed: it begins when a store is opened, is woken by removals, and looks now and then
//! whether another server has left something undone.

use std::sync::Arc;
use std::time::Duration;

use release_links_ports::REMOVED_AT_A_TIME;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::access::Access;
use crate::failure::Failure;
use crate::sweeping::sweep;

/// How often it looks when nothing wakes it.
pub const LOOKS_EVERY: Duration = Duration::from_mins(1);

/// A task that ends when it is dropped; what it is in the middle of is undone, and the next one does it.
pub struct Sweeper {
    wake: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Starts it on the runtime of the caller.
    pub fn start(access: Access) -> Self {
        let wake = Arc::new(Notify::new());
        let woken = Arc::clone(&wake);
        let task = tokio::spawn(async move {
            loop {
                match sweep_on(&access).await {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => tracing::debug!(?error, "cannot delete removed rows yet"),
                }
                // Whether it was woken or not, it looks.
                let _ = timeout(LOOKS_EVERY, woken.notified()).await;
            }
        });
        Self { wake, task }
    }

    /// Tells it that something was removed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Ends it.
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
