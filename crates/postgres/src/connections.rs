//! Creates all connections on the runtime that opened the store, whichever thread needs one. A server's worker threads
//! end with the server, and must not take down connections that others use.

use std::future::{Future, pending};
use std::pin::Pin;

use deadpool_postgres::Connect;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio_postgres::{Client, Config, Error};

use crate::reach::Reach;

/// Creates connections on one runtime.
pub struct Connections {
    runtime: Handle,
    reach: Reach,
}

impl Connections {
    /// Creates connections on the caller's runtime.
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
        // A caller that times out drops the set, which aborts the attempt.
        let mut attempt = JoinSet::new();
        attempt.spawn_on(async move { reach.reach().await }, &self.runtime);
        Box::pin(async move {
            match attempt.join_next().await {
                Some(Ok(connected)) => connected,
                // The runtime has shut down. The caller's timeout ends the wait.
                _ => pending().await,
            }
        })
    }
}
