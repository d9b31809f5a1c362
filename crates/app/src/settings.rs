//! The settings, parsed from the arguments and checked before anything is started.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use release_links_domain::file::{MaxFileSize, MaxFileSizeError};
use release_links_domain::location::{ExternalUrl, ExternalUrlError};
use release_links_files::FilesPlace;
use release_links_http::TrustedProxies;
use release_links_usecases::{Secret, Setup, SetupError};

use crate::arguments::{Listen, Serve};
use crate::database::{Database, DatabaseError};
use crate::descriptors;

/// Everything that the server needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where to serve metrics.
    pub(crate) metrics: Option<SocketAddr>,
    /// The database to use.
    pub(crate) database: Database,
    /// Where to keep files.
    pub(crate) files: FilesPlace,
    /// How large a file may be.
    pub(crate) max_file_size: MaxFileSize,
    /// The URL by which clients reach the server; by default the address it listens on.
    pub(crate) external: Option<ExternalUrl>,
    /// The proxies that say where a request comes from.
    pub(crate) trusted_proxies: TrustedProxies,
    /// The administrator's token on an empty database.
    pub(crate) root_token: Option<Secret>,
    /// How long an idle connection is kept open.
    pub(crate) keep_alive: Duration,
    /// How long the server goes on serving after a signal.
    pub(crate) drain: Duration,
    /// The maximum number of connections.
    pub(crate) connections: usize,
}

/// An invalid setting; the message names it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("--listen: {0:?} is not an address such as 127.0.0.1:8080")]
    Listen(String),
    #[error("--metrics-listen: {0:?} is not an address such as 127.0.0.1:9180")]
    MetricsListen(String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    RootToken(#[from] SetupError),
    #[error("--max-file-size: {0}")]
    MaxFileSize(#[from] MaxFileSizeError),
    #[error("--external-url: {0}")]
    ExternalUrl(#[from] ExternalUrlError),
    #[error("--external-url is required, because clients cannot reach the server at {0}")]
    ExternalUrlNeeded(SocketAddr),
    #[error("--max-connections: {0} is more than the limit on open files allows, {1}; see `ulimit -n`")]
    Connections(usize, usize),
}

impl Listen {
    /// The address that the server listens on: the first of a host's.
    pub(crate) fn address(&self) -> Result<SocketAddr, SettingsError> {
        first_address(&self.listen).ok_or_else(|| SettingsError::Listen(self.listen.clone()))
    }
}

/// The first of a host's addresses.
fn first_address(host: &str) -> Option<SocketAddr> {
    host.to_socket_addrs().ok()?.next()
}

impl TryFrom<Serve> for Settings {
    type Error = SettingsError;

    fn try_from(arguments: Serve) -> Result<Self, SettingsError> {
        let listen = arguments.listen.address()?;
        let metrics = arguments.metrics_listen;
        let metrics =
            metrics.map(|given| first_address(&given).ok_or(SettingsError::MetricsListen(given))).transpose()?;
        let database: Database = arguments.database.try_into()?;
        let files = database.files(arguments.files);
        let max_file_size = arguments.max_file_size.try_into()?;
        let external = arguments.external_url.map(ExternalUrl::try_from).transpose()?;
        if external.is_none() && listen.ip().is_unspecified() {
            return Err(SettingsError::ExternalUrlNeeded(listen));
        }
        let keep_alive = Duration::from_secs(arguments.keep_alive);
        let drain = Duration::from_secs(arguments.drain);
        let connections = connections(arguments.max_connections)?;
        let trusted_proxies = arguments.trusted_proxies.unwrap_or_default();
        let root_token = arguments.root_token;
        root_token.as_ref().map_or(Ok(()), Setup::check_root_token)?;
        Ok(Self {
            listen,
            metrics,
            database,
            files,
            max_file_size,
            external,
            trusted_proxies,
            root_token,
            keep_alive,
            drain,
            connections,
        })
    }
}

/// As many connections as were asked for, if the limit on open files allows them.
fn connections(asked: Option<u32>) -> Result<usize, SettingsError> {
    let maximum = descriptors::max_connections();
    match asked.map(|asked| usize::try_from(asked).unwrap_or(usize::MAX)) {
        Some(asked) if asked > maximum => Err(SettingsError::Connections(asked, maximum)),
        asked => Ok(asked.unwrap_or(maximum)),
    }
}
