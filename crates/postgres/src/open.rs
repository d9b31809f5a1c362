//! Opens a database: connects to it and migrates its schema.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connections::Connections;
use crate::migrations::migrate;
use crate::open_error::OpenError;
use crate::reach::Reach;
use crate::url::{DEFAULT_PORT, InvalidUrl, Parsed, parse};

/// How soon the database notices, while it waits for a lock, that the client has disconnected.
const DISCONNECT_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How to connect to a database, with the limits on connections and time.
#[derive(Debug, Clone)]
pub struct Options {
    /// One for each server that the URL names; never empty.
    servers: Vec<Config>,
    /// The file of the certificates to trust; without it, the system's.
    root_certificates: Option<PathBuf>,
    /// The maximum number of open connections, at least one.
    pub connections: usize,
    /// The timeout of a request for the database.
    pub timeout: Duration,
}

impl Options {
    /// The default for `connections`.
    pub const CONNECTIONS: usize = 16;
    /// The default for `timeout`.
    pub const TIMEOUT: Duration = Duration::from_secs(2);
    /// The timeout of long operations, such as deleting a large group.
    pub const LONG: Duration = Duration::from_mins(1);

    /// Divides the timeout between the servers that the URL names, so that one that does not answer leaves time for the
    /// others.
    fn reach(&self) -> Result<Reach, OpenError> {
        let mut servers = self.servers.clone();
        let share = self.timeout / u32::try_from(servers.len() + 1).unwrap_or(u32::MAX);
        for config in &mut servers {
            // A host name may resolve to several addresses, the first of which may not answer.
            config.connect_timeout(config.get_connect_timeout().copied().unwrap_or(share));
        }
        let last = servers.pop().unwrap_or_default();
        Ok(Reach { others: servers, share, last, tls: tls(self.root_certificates.as_deref())? })
    }
}

impl fmt::Display for Options {
    /// Writes `host:port` of each server, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, config) in self.servers.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            let port = config.get_ports().first().copied().unwrap_or(DEFAULT_PORT);
            match (config.get_hosts().first(), config.get_hostaddrs().first()) {
                (Some(Host::Tcp(name)), _) => write!(f, "{comma}{name}:{port}")?,
                (Some(Host::Unix(path)), _) => write!(f, "{comma}{}:{port}", path.display())?,
                (None, Some(address)) => write!(f, "{comma}{address}:{port}")?,
                (None, None) => {}
            }
        }
        Ok(())
    }
}

impl FromStr for Options {
    type Err = InvalidUrl;

    /// Parses `postgres://…` with everything that libpq allows in a URL, including several servers.
    fn from_str(url: &str) -> Result<Self, InvalidUrl> {
        let Parsed { mut servers, root_certificates } = parse(url)?;
        servers.iter_mut().for_each(limit_sessions);
        Ok(Self { servers, root_certificates, connections: Self::CONNECTIONS, timeout: Self::TIMEOUT })
    }
}

/// Adds what every session needs to what the URL says.
fn limit_sessions(config: &mut Config) {
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        // A standby does not accept writes, and its reads may be stale.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_application_name().is_none() {
        config.application_name("release-links");
    }
    // After a server disappears, its open transactions must not keep their locks, and its statements must not wait for
    // further ones.
    let limits = format!(
        "-c statement_timeout={0} -c idle_in_transaction_session_timeout={0} -c client_connection_check_interval={1}",
        Options::LONG.as_millis(),
        DISCONNECT_CHECK_INTERVAL.as_millis(),
    );
    let options = config.get_options().map_or_else(|| limits.clone(), |given| format!("{limits} {given}"));
    config.options(options);
}

/// Connects to the database, migrates its schema and creates the connection pool.
pub async fn open(options: &Options) -> Result<Pool, OpenError> {
    let reach = options.reach()?;
    let (mut client, connection) = timeout(options.timeout, reach.reach())
        .await
        .map_err(|error| OpenError::Unreachable(error.into()))?
        .map_err(OpenError::of)?;
    let prepared = prepare(&mut client).await;
    drop(client);
    // The task ends with its client, which has received any error.
    let _ = connection.await;
    prepared?;
    let connections = Connections::here(reach);
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    // The configuration is empty, as `connections` knows the servers.
    let manager = Manager::from_connect(Config::new(), connections, config);
    Pool::builder(manager)
        .max_size(options.connections.max(1))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| OpenError::Unusable(error.into()))
}

async fn prepare(client: &mut Client) -> Result<(), OpenError> {
    let encoding: String = client.query_one("SHOW server_encoding", &[]).await.map_err(OpenError::of)?.get(0);
    if encoding != "UTF8" {
        return Err(OpenError::Encoding(encoding));
    }
    migrate(client).await
}

/// Returns TLS for servers that offer it or whose URL requires it. The server's certificate must be from an authority in
/// the file `trusted` or, without one, from one that the system trusts.
fn tls(trusted: Option<&Path>) -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    let found = match trusted {
        Some(file) => trusted_certificates(file)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(found);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Certificates(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Returns the certificates in a file, of which there must be one.
fn trusted_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, OpenError> {
    let mut found = rustls_native_certs::load_certs_from_paths(Some(file), None);
    match found.errors.pop() {
        None if !found.certs.is_empty() => Ok(found.certs),
        error => {
            let source = error.map_or_else(|| "there are none".into(), Into::into);
            Err(OpenError::RootCertificates { file: file.to_owned(), source })
        }
    }
}
