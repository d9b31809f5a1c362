//! Connections, all on the runtime on which the store was opened, whichever thread asks for one: a thread that ends, as those
//! of a server do when it stops, must not take along what the others are using.

use std::future::{Future, pending};
use std::pin::Pin;

use deadpool_postgres::Connect;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio_postgres::{Client, Config, Error};

use crate::reach::Reach;

/// Makes connections on one runtime.
pub struct Connections {
    runtime: Handle,
    reach: Reach,
}

impl Connections {
    /// Makes them on the runtime of the caller.
    pub fn here(reach: Reach) -> Self {
        Self { runtime: Handle::current(), reach }
    }
}

impl Connect for Connections {
    fn connect(
        &self,
        _: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        let reach = self.reach.clone();
        // Whoever loses patience drops the set, and with it the attempt.
        let mut attempt = JoinSet::new();
        attempt.spawn_on(async move { reach.reach().await }, &self.runtime);
        Box::pin(async move {
            match attempt.join_next().await {
                Some(Ok(connected)) => connected,
                // The runtime is gone, and who waits does so only for as long as any database may take.
                _ => pending().await,
            }
        })
    }
}
