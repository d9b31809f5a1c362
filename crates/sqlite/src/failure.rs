//! How a statement can fail, and which error the port then returns.

use std::fmt::Debug;

use release_links_ports::{BoxError, StoreError, WriteError};
use release_links_sql::Corrupt;
use rusqlite::ErrorCode;

/// A failed statement, or a row with a value that the domain rejects.
#[derive(Debug)]
pub enum Failure {
    /// The statement failed.
    Sqlite(rusqlite::Error),
    /// The request waited too long for this.
    TimedOut(&'static str),
    /// A short read turned out to be long and must run again on [`Lane::Long`](crate::reader::Lane::Long).
    TooLong,
    /// A row has a value that the domain rejects.
    Corrupt(Corrupt),
    /// Any other failure.
    Internal(BoxError),
}

impl Failure {
    /// Returns whether another process holds the lock on the file.
    pub fn is_lock(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Sqlite(error) if is_transient(&error) => Self::Unavailable(in_words(&error)),
            Failure::Sqlite(error) => Self::Internal(in_words(&error)),
            Failure::TimedOut(what) => Self::Unavailable(format!("waited too long for {what}").into()),
            Failure::TooLong => Self::Internal("a long read ran on a worker".into()),
            Failure::Corrupt(corrupt) => corrupt.into(),
            Failure::Internal(error) => Self::Internal(error),
        }
    }
}

impl<T: Debug> From<Failure> for WriteError<T> {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

/// Returns what `SQLite` said, with the code that its documentation explains. The driver's error says the same twice, in
/// itself and in its source.
pub fn in_words(error: &rusqlite::Error) -> BoxError {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(message)) => {
            format!("{message} (SQLite error {})", code.extended_code).into()
        }
        other => other.to_string().into(),
    }
}

/// Returns whether the same request may succeed later, once a lock is released or the disk and its permissions are in
/// order. Waiting does not repair a file that is damaged or not a database.
fn is_transient(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::OutOfMemory
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_said_once() {
        let missing = std::path::Path::new("/nonexistent/release-links.db");
        let error = rusqlite::Connection::open(missing).unwrap_err();
        let words = in_words(&error);
        assert!(words.source().is_none());
        assert_eq!(words.to_string(), "unable to open database file: /nonexistent/release-links.db (SQLite error 14)");
    }
}
