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

/// Returns one URL per server. Servers named by parameters stay in one URL.
pub fn one_each(url: &str) -> Vec<String> {
    let scheme = url.find("://").map_or(0, |at| at + "://".len());
    let begin = url.find('@').map_or(scheme, |at| at + 1);
    let end = url[begin..].find(['/', '?']).map_or(url.len(), |length| begin + length);
    url[begin..end].split(',').map(|server| format!("{}{server}{}", &url[..begin], &url[end..])).collect()
}

#[cfg(test)]
mod tests {
    use super::one_each;

    #[test]
    fn a_url_with_several_servers_becomes_one_url_per_server() {
        let rest = "/links?sslmode=require&options=a,b";
        assert_eq!(
            one_each(&format!("postgres://user:a,word@one:1,[::1]:2,three{rest}")),
            ["one:1", "[::1]:2", "three"].map(|server| format!("postgres://user:a,word@{server}{rest}"))
        );
        for alone in ["postgres://one", "postgres://user@one", "postgres:///links?host=one,two", "nonsense"] {
            assert_eq!(one_each(alone), [alone]);
        }
    }
}
