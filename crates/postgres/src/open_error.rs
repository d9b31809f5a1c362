//! The error of opening a database.

use std::path::PathBuf;

use release_links_ports::BoxError;

use crate::failure::is_transient;

/// Why a database cannot be opened. The messages are for operators.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database cannot be reached or is not ready. A later attempt may succeed.
    #[error("cannot reach the database")]
    Unreachable(#[source] BoxError),
    /// The database answers, but refuses access or lacks something.
    #[error("cannot use the database")]
    Unusable(#[source] BoxError),
    /// The database's encoding cannot represent all characters.
    #[error("the database must be in the encoding UTF8, it is in {0}")]
    Encoding(String),
    /// The database belongs to another program.
    #[error("the database has tables of another program")]
    NotOurs,
    /// A newer version of release-links created the database.
    #[error(
        "the database was created by a newer version of release-links: its schema version is {found}, and this one knows only up to {known}"
    )]
    Newer {
        /// The version of the database's schema.
        found: i64,
        /// The newest version that this release knows.
        known: i64,
    },
    /// The schema cannot be migrated.
    #[error("cannot migrate the database")]
    Migration(#[source] BoxError),
    /// The system's certificates cannot be loaded.
    #[error("cannot load the certificates of this system")]
    Certificates(#[source] BoxError),
    /// The file `sslrootcert` cannot be used.
    #[error("cannot use the certificates in {}", file.display())]
    RootCertificates {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: BoxError,
    },
}

impl OpenError {
    /// Rejected credentials stay rejected; a database that is starting or lacks resources will recover.
    pub(crate) fn of(error: tokio_postgres::Error) -> Self {
        let refused = error.code().is_some_and(|code| code.code().starts_with("28"));
        if is_transient(&error) && !refused { Self::Unreachable(error.into()) } else { Self::Unusable(error.into()) }
    }

    pub(crate) fn migration(error: refinery::Error) -> Self {
        Self::Migration(error.into())
    }
}
