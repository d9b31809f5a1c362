//! How a statement can fail, and which error the port then returns.

use std::error::Error;
use std::fmt::Debug;
use std::io;

use deadpool_postgres::PoolError;
use release_links_ports::{BoxError, StoreError, WriteError};
use release_links_sql::Corrupt;
use tokio_postgres::error::SqlState;

/// A failed statement, or a row with a value that the domain rejects.
#[derive(Debug)]
pub enum Failure {
    /// The statement or its connection failed.
    Postgres(tokio_postgres::Error),
    /// No connection was available in time.
    Pool(PoolError),
    /// The database did not answer before the deadline.
    TooSlow,
    /// A row has a value that the domain rejects.
    Corrupt(Corrupt),
    /// Any other failure.
    Internal(BoxError),
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
            Failure::Postgres(error) if is_transient(&error) => Self::Unavailable(without_rows(error)),
            Failure::Postgres(error) => Self::Internal(without_rows(error)),
            Failure::Pool(error) => Self::Unavailable(error.into()),
            Failure::TooSlow => Self::Unavailable("the database did not answer in time".into()),
            Failure::Corrupt(corrupt) => corrupt.into(),
            Failure::Internal(error) => Self::Internal(error),
        }
    }
}

/// Returns the database's error without its detail and hint. These repeat values of rows, such as URLs with passwords,
/// and the error is logged.
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

/// Returns whether the same request may succeed later, perhaps on another server: the connection broke or was refused,
/// or the database lacked resources, was starting, stopping or read-only, or timed out.
pub fn is_transient(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else {
        // Without a code, the error is not the database's: the connection broke or was never made, or this adapter has
        // a bug.
        return error.is_closed() || error.source().is_some_and(<dyn Error>::is::<io::Error>);
    };
    // Connection exceptions, invalid authorisation, insufficient resources, operator intervention and system errors.
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
