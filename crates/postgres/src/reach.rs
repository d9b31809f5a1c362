//! Connects to the first server of a URL that accepts.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The servers of a URL, tried in order, each with a timeout of its own. The driver alone would not limit a server that
/// accepts a connection and then stays silent.
#[derive(Clone)]
pub struct Reach {
    pub others: Vec<Config>,
    /// The timeout of each of these.
    pub share: Duration,
    /// The last server has the rest of the caller's timeout.
    pub last: Config,
    pub tls: MakeRustlsConnect,
}

impl Reach {
    /// Returns a connection and the task that drives it, or the last server's error.
    pub async fn reach(&self) -> Result<(Client, JoinHandle<()>), Error> {
        for server in &self.others {
            if let Ok(Ok(connected)) = timeout(self.share, self.reach_one(server)).await {
                return Ok(connected);
            }
        }
        self.reach_one(&self.last).await
    }

    async fn reach_one(&self, server: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, connection) = server.connect(self.tls.clone()).await?;
        let driving = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "lost a connection to the database");
            }
        });
        Ok((client, driving))
    }
}
