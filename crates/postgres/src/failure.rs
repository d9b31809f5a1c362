//! What a statement can fail with, and what the callers of a port are told of it.

use std::error::Error;
use std::fmt::Debug;
use std::io;

use deadpool_postgres::PoolError;
use release_links_ports::{BoxError, StoreError, WriteError};
use release_links_sql::Corrupt;
use tokio_postgres::error::SqlState;

/// A statement that failed, or a row that is no domain value.
#[derive(Debug)]
pub enum Failure {
    /// The statement failed, or the connection under it.
    Postgres(tokio_postgres::Error),
    /// There was no connection to be had in time.
    Pool(PoolError),
    /// The database took longer than it may.
    TooSlow,
    /// A row holds a value that the domain refuses.
    Corrupt(Corrupt),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Postgres(error),
            PoolError::Timeout(_) => Self::TooSlow,
            error => Self::Pool(error),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Postgres(error) if may_pass(&error) => Self::Unavailable(without_rows(error)),
            Failure::Postgres(error) => Self::Internal(without_rows(error)),
            Failure::Pool(error) => Self::Unavailable(error.into()),
            Failure::TooSlow => Self::Unavailable("the database did not answer in time".into()),
            Failure::Corrupt(corrupt) => corrupt.into(),
        }
    }
}

/// What the database said, without its detail and hint: those repeat values of rows, such as URLs with passwords, and this is
/// logged.
fn without_rows(error: tokio_postgres::Error) -> BoxError {
    match error.as_db_error() {
        Some(said) => format!("db error: {}: {} ({})", said.severity(), said.message(), said.code().code()).into(),
        None => error.into(),
    }
}

impl<T: Debug> From<Failure> for WriteError<T> {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

/// Whether the same request may succeed later, perhaps on another server: the connection broke or was refused, or the
/// database was short of something, starting, stopping, read-only or out of patience.
pub fn may_pass(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else {
        // Not said by the database: a connection that broke or never came to be; anything else is a bug of ours.
        return error.is_closed() || error.source().is_some_and(<dyn Error>::is::<io::Error>);
    };
    // Connection exceptions, refused authorisation, insufficient resources, operator intervention, errors of the system below.
    let passing_classes = ["08", "28", "53", "57", "58"];
    passing_classes.iter().any(|class| code.code().starts_with(class))
        || [
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
        ]
        .contains(code)
}
