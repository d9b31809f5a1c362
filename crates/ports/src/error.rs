//! The errors of storage, without the types of any driver.

/// The driver's error, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A storage failure. No change was acknowledged, but one whose commit was interrupted may have taken effect.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is locked or is full; the same request may succeed later.
    #[error("storage is unavailable")]
    Unavailable(#[source] BoxError),
    /// A row contains a value that the domain rejects.
    #[error("corrupt value in {table}.{column}, row {row}")]
    Corrupt {
        /// The table that contains the value.
        table: &'static str,
        /// The column that contains it.
        column: &'static str,
        /// The id of the row.
        row: i64,
        /// The error of the parser.
        #[source]
        source: BoxError,
    },
    /// Any other failure: a bug in this program or in the database.
    #[error("storage failed")]
    Internal(#[source] BoxError),
}

/// Why a write was not done. `T` describes a conflict.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<T: std::fmt::Debug> {
    /// It conflicts with what is stored, such as a unique value that is taken; nothing was written.
    #[error("conflicts with what is stored: {0:?}")]
    Conflict(T),
    /// What it changes or belongs to no longer exists; nothing was written.
    #[error("no longer exists")]
    Gone,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<T: std::fmt::Debug> WriteError<T> {
    /// Describes the conflict differently.
    pub fn map_conflict<U: std::fmt::Debug>(self, describe: impl FnOnce(T) -> U) -> WriteError<U> {
        match self {
            Self::Conflict(conflict) => WriteError::Conflict(describe(conflict)),
            Self::Gone => WriteError::Gone,
            Self::Store(error) => WriteError::Store(error),
        }
    }
}
