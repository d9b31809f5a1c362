//! Settings: what the arguments mean, checked before anything is started.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use release_links_domain::location::{ExternalUrl, ExternalUrlError};
use release_links_usecases::Secret;

use crate::arguments::Serve;
use crate::database::{Database, DatabaseError};
use crate::descriptors;

/// Everything that the server needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where everything is kept.
    pub(crate) database: Database,
    /// Where people reach the server; the address it listens on when this is none.
    pub(crate) external: Option<ExternalUrl>,
    /// The administrator's token on an empty database.
    pub(crate) root_token: Option<Secret>,
    /// How long an idle connection is kept.
    pub(crate) keep_alive: Duration,
    /// The most connections at once.
    pub(crate) connections: usize,
}

/// A setting that makes no sense; the message names it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("--listen: {0:?} is no address to listen on, such as 127.0.0.1:8080")]
    Listen(String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("--external-url: {0}")]
    ExternalUrl(#[from] ExternalUrlError),
    #[error("--external-url must be given, since {0} is no address that people could reach the server at")]
    ExternalUrlNeeded(SocketAddr),
    #[error("--max-connections: {0} are more than the process may have descriptors for, {1}; see `ulimit -n`")]
    Connections(usize, usize),
    #[error("RELEASE_LINKS_ROOT_TOKEN is not UTF-8")]
    RootToken,
}

impl TryFrom<Serve> for Settings {
    type Error = SettingsError;

    fn try_from(arguments: Serve) -> Result<Self, SettingsError> {
        let addresses = arguments.listen.to_socket_addrs().ok();
        let listen = addresses.and_then(|mut all| all.next()).ok_or(SettingsError::Listen(arguments.listen))?;
        let database = arguments.database.try_into()?;
        let external = arguments.external_url.map(ExternalUrl::try_from).transpose()?;
        if external.is_none() && listen.ip().is_unspecified() {
            return Err(SettingsError::ExternalUrlNeeded(listen));
        }
        let root_token = match std::env::var("RELEASE_LINKS_ROOT_TOKEN") {
            Ok(token) => Some(token).filter(|token| !token.is_empty()).map(Secret::from),
            Err(std::env::VarError::NotPresent) => None,
            Err(std::env::VarError::NotUnicode(_)) => return Err(SettingsError::RootToken),
        };
        let keep_alive = Duration::from_secs(arguments.keep_alive);
        let connections = connections(arguments.max_connections)?;
        Ok(Self { listen, database, external, root_token, keep_alive, connections })
    }
}

/// As many as were asked for, if there are descriptors for them.
fn connections(asked: Option<u32>) -> Result<usize, SettingsError> {
    let most = descriptors::most_connections();
    match asked.map(|asked| usize::try_from(asked).unwrap_or(usize::MAX)) {
        Some(asked) if asked > most => Err(SettingsError::Connections(asked, most)),
        asked => Ok(asked.unwrap_or(most)),
    }
}
