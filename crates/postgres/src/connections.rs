//! Connections, all on the runtime on which the store was opened, whichever thread asks for one: a thread that ends, as those
//! of a server do when it stops, must not take along what the others are using.

use std::future::{Future, pending};
use std::pin::Pin;

use deadpool_postgres::Connect;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Makes connections on one runtime.
pub struct Connections {
    runtime: Handle,
    tls: MakeRustlsConnect,
}

impl Connections {
    /// Makes them on the runtime of the caller.
    pub fn here(tls: MakeRustlsConnect) -> Self {
        Self { runtime: Handle::current(), tls }
    }
}

impl Connect for Connections {
    fn connect(
        &self,
        config: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        let (config, tls) = (config.clone(), self.tls.clone());
        let connecting = self.runtime.spawn(async move {
            let (client, connection) = config.connect(tls).await?;
            let driving = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "a connection to the database broke");
                }
            });
            Ok((client, driving))
        });
        Box::pin(async move {
            match connecting.await {
                Ok(connected) => connected,
                // The runtime is gone, and who waits does so only for as long as any database may take.
                Err(_) => pending().await,
            }
        })
    }
}
