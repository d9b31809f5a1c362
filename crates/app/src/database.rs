//! The database that a URL names: opening it, waiting for it, and closing it in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::{Instant, sleep_until};
use release_links_domain::location::ExternalUrl;
use release_links_files::FilesPlace;
use release_links_ports::{Monitored, Storage};
use release_links_postgres::{InvalidUrl, OpenError, Options, PostgresStore};
use release_links_sqlite::SqliteStore;

use crate::arguments::{DatabaseArguments, FilesArguments};
use crate::causes::chain;

/// How long a starting server retries to reach its database.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// The time between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// A database that a URL names.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<Options>),
}

/// The setting `--database` is invalid.
#[derive(Debug, thiserror::Error)]
#[error("--database: {0}")]
pub(crate) struct DatabaseError(#[from] UrlError);

/// A URL that names no database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("must be sqlite:PATH or postgres://…")]
    Unknown,
    #[error("the path in sqlite:{given} is not taken as it stands; you probably mean sqlite:{meant}")]
    Path { given: String, meant: String },
    #[error("{0}")]
    Postgres(#[from] InvalidUrl),
}

impl TryFrom<DatabaseArguments> for Database {
    type Error = DatabaseError;

    fn try_from(arguments: DatabaseArguments) -> Result<Self, DatabaseError> {
        let DatabaseArguments { url, connections, timeout } = arguments;
        let mut database = Self::named(&url)?;
        if let Self::Postgres(options) = &mut database {
            options.connections = connections.into();
            options.timeout = Duration::from_secs(timeout);
        }
        Ok(database)
    }
}

impl Database {
    /// Parses a URL, with the default options for connections.
    ///
    /// # Errors
    /// Returns an error if the URL names no database.
    pub(crate) fn named(url: &str) -> Result<Self, UrlError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(Box::new(url.parse()?)));
        }
        let path = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()).ok_or(UrlError::Unknown)?;
        let meant = probably_meant(path);
        match meant.as_str() {
            "" => Err(UrlError::Unknown),
            same if same == path => Ok(Self::Sqlite(path.into())),
            _ => Err(UrlError::Path { given: path.to_owned(), meant }),
        }
    }

    /// Returns where files are kept: where the settings say, or beside the database, if it is a file.
    pub(crate) fn files(&self, chosen: FilesArguments) -> FilesPlace {
        chosen.place.unwrap_or_else(|| {
            let folder = match self {
                Self::Sqlite(path) => path.parent().map(Path::to_owned).unwrap_or_default(),
                // As systemd and the container say; systemd separates several by colons.
                Self::Postgres(_) => std::env::var_os("STATE_DIRECTORY")
                    .and_then(|own| std::env::split_paths(&own).next())
                    .filter(|own| !own.as_os_str().is_empty())
                    .unwrap_or_else(|| "data".into()),
            };
            FilesPlace::Folder(folder.join("files"))
        })
    }

    /// Opens the database to serve at a URL: creates a missing file, and waits for a PostgreSQL server.
    ///
    /// # Errors
    /// Returns a message for the operator.
    pub(crate) async fn open_to_serve(&self, external: &ExternalUrl) -> Result<Opened, Box<dyn std::error::Error>> {
        match self {
            Self::Sqlite(path) => Ok(Opened::file(SqliteStore::open(path)?.serving_at(external.clone()))),
            Self::Postgres(options) => Ok(Opened::server(wait_for(options).await?.serving_at(external.clone()))),
        }
    }

    /// Opens a database that exists already.
    ///
    /// # Errors
    /// Returns a message for the operator.
    pub(crate) async fn open_existing(&self) -> Result<Opened, Box<dyn std::error::Error>> {
        match self {
            // Opening would create a database without users.
            Self::Sqlite(path) if !path.exists() => Err(format!("there is no database {}", path.display()).into()),
            Self::Sqlite(path) => Ok(Opened::file(SqliteStore::open_beside_a_server(path)?)),
            Self::Postgres(options) => Ok(Opened::server(PostgresStore::open(options).await?)),
        }
    }
}

/// Returns the path that somebody means who writes it as other programs take it: `//` before a relative path, `~` for the
/// home directory, and options after a `?`. Here, each would silently name another file.
fn probably_meant(path: &str) -> String {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let path = path.strip_prefix("//").filter(|path| !path.starts_with('/')).unwrap_or(path);
    match (path.strip_prefix('~'), std::env::home_dir()) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", home.display()),
        // The home directory of another user, or of one who has none.
        (Some(_), _) => format!("./{path}"),
        (None, _) => path.to_owned(),
    }
}

/// Retries until the database can be reached, it refuses the connection, or the timeout has passed.
async fn wait_for(options: &Options) -> Result<PostgresStore, Box<dyn std::error::Error>> {
    let began = Instant::now();
    loop {
        let next = Instant::now() + RETRY_INTERVAL;
        match PostgresStore::open(options).await {
            Err(error @ OpenError::Unreachable(_)) if next - began < START_TIMEOUT => {
                let why = chain(&error);
                tracing::warn!(at = %options, why, "waiting for the database, for {} s at most", START_TIMEOUT.as_secs());
            }
            Err(error @ OpenError::Unreachable(_)) => {
                let waited = START_TIMEOUT.as_secs();
                return Err(format!("{} at {options}, waited for {waited} s", chain(&error)).into());
            }
            opened => return Ok(opened?),
        }
        sleep_until(next).await;
    }
}

/// An open database, closed when dropped.
pub(crate) struct Opened {
    pub(crate) ports: Storage,
    pub(crate) monitored: Arc<dyn Monitored>,
    /// The store, if it is a file.
    pub(crate) file: Option<SqliteStore>,
    close: Box<dyn Fn()>,
}

impl Opened {
    fn file(store: SqliteStore) -> Self {
        Self {
            ports: Storage::of(store.clone()),
            monitored: Arc::new(store.clone()),
            file: Some(store.clone()),
            close: Box::new(move || store.close()),
        }
    }

    fn server(store: PostgresStore) -> Self {
        Self {
            ports: Storage::of(store.clone()),
            monitored: Arc::new(store.clone()),
            file: None,
            close: Box::new(move || store.close()),
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        (self.close)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_names_another_file_than_it_seems_to_is_refused_with_the_one_that_is_meant() {
        let home = std::env::home_dir().unwrap();
        let home = home.display();
        for (given, meant) in [
            ("//data/x.db", "data/x.db".to_owned()),
            ("//x.db", "x.db".to_owned()),
            ("~/x.db", format!("{home}/x.db")),
            ("~", home.to_string()),
            ("~somebody/x.db", "./~somebody/x.db".to_owned()),
            ("//~/x.db?mode=rwc", format!("{home}/x.db")),
            ("x.db?mode=rwc", "x.db".to_owned()),
            ("/a/x.db?", "/a/x.db".to_owned()),
            ("file:x.db?nolock=1", "file:x.db".to_owned()),
        ] {
            let refused = Database::named(&format!("sqlite:{given}")).unwrap_err().to_string();
            assert!(refused.ends_with(&format!("mean sqlite:{meant}")), "{given}: {refused}");
            assert!(matches!(Database::named(&format!("sqlite:{meant}")), Ok(Database::Sqlite(_))), "{meant}");
        }
        for nothing in ["", "//", "?mode=rwc"] {
            assert!(matches!(Database::named(&format!("sqlite:{nothing}")), Err(UrlError::Unknown)), "{nothing}");
        }
        for path in ["///a/x.db", "/a/x.db", "x.db", "a//x.db", "a~b/~x.db", "./~x.db", "file:x.db", ":memory:"] {
            let Ok(Database::Sqlite(taken)) = Database::named(&format!("sqlite:{path}")) else { panic!("{path}") };
            assert_eq!(taken, PathBuf::from(path));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unreachable_database_fails_after_the_timeout_with_its_address_and_no_password() {
        let options = "postgres://links:open-sesame@127.0.0.1:1/links".parse().unwrap();
        let began = Instant::now();
        let error = wait_for(&options).await.err().unwrap().to_string();
        assert!(began.elapsed() + RETRY_INTERVAL >= START_TIMEOUT, "{:?}", began.elapsed());
        assert!(error.contains("127.0.0.1:1") && error.contains("waited for 60 s"), "{error}");
        assert!(!error.contains("sesame"), "{error}");
    }
}
