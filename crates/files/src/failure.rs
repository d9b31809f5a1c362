//! Which error the port returns when storage fails.

use object_store::Error;
use release_links_ports::StoreError;

/// Most failures are those of a disk or network, after which the same request may succeed: a full disk, a lost connection, missing
/// permissions. The others are bugs.
pub fn store_error(error: Error) -> StoreError {
    match error {
        Error::InvalidPath { .. }
        | Error::JoinError { .. }
        | Error::NotImplemented { .. }
        | Error::NotSupported { .. }
        | Error::UnknownConfigurationKey { .. } => StoreError::Internal(error.into()),
        error => StoreError::Unavailable(error.into()),
    }
}
