//! Why a database cannot be opened.

use release_links_ports::BoxError;

use crate::failure::may_pass;

/// Why a database cannot be used; the messages are for the people who run the service.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be reached, or refuses us. Later it may be there.
    #[error("cannot reach the database")]
    Unreachable(#[source] BoxError),
    /// It answers, but does not do what we need.
    #[error("cannot use the database")]
    Unusable(#[source] BoxError),
    /// It keeps texts in an encoding that does not know all letters.
    #[error("the database must be in the encoding UTF8, it is in {0}")]
    Encoding(String),
    /// It belongs to another program.
    #[error("the database has tables of another program")]
    NotOurs,
    /// It was made by a newer version of this program.
    #[error(
        "the database was made by a newer version of release-links: its schema is {found}, this one knows up to {known}"
    )]
    Newer {
        /// The version of its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("cannot bring the database up to date")]
    Migration(#[source] BoxError),
    /// The certificates that a database may be known by cannot be read.
    #[error("cannot load the certificates of this system")]
    Certificates(#[source] BoxError),
}

impl OpenError {
    /// Whoever may not enter now may not later either; a database that starts or is short of something will serve.
    pub(crate) fn of(error: tokio_postgres::Error) -> Self {
        let refused = error.code().is_some_and(|code| code.code().starts_with("28"));
        if may_pass(&error) && !refused { Self::Unreachable(error.into()) } else { Self::Unusable(error.into()) }
    }

    pub(crate) fn migration(error: refinery::Error) -> Self {
        Self::Migration(error.into())
    }
}
