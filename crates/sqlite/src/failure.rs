//! What a statement can fail with, and what the callers of a port are told of it.

use std::fmt::Debug;

use release_links_ports::{StoreError, WriteError};
use release_links_sql::Corrupt;
use rusqlite::ErrorCode;

/// A statement that failed, or a row that is no domain value.
#[derive(Debug)]
pub enum Failure {
    /// The statement failed.
    Sqlite(rusqlite::Error),
    /// What a request waits for did not come in time.
    Waited(&'static str),
    /// A short read found that it would take long; it is to run again on the lane for long ones.
    TooLong,
    /// A row holds a value that the domain refuses.
    Corrupt(Corrupt),
}

impl Failure {
    /// Whether another process holds the lock on the file.
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
            Failure::Sqlite(error) if may_pass(&error) => Self::Unavailable(error.into()),
            Failure::Sqlite(error) => Self::Internal(error.into()),
            Failure::Waited(what) => Self::Unavailable(format!("waited too long for {what}").into()),
            Failure::TooLong => Self::Internal("a long read was tried on a worker".into()),
            Failure::Corrupt(corrupt) => corrupt.into(),
        }
    }
}

impl<T: Debug> From<Failure> for WriteError<T> {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

/// Whether the same request may succeed later, once a lock, the disk or its permissions are as they should be. A file that is
/// damaged, or no database at all, does not heal by waiting.
fn may_pass(error: &rusqlite::Error) -> bool {
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
