//! What can go wrong in storage, with no driver's type in sight.

/// The driver's own error, kept for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Storage failed; the request changed nothing that it was told of.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is locked or full: the same request may succeed later.
    #[error("storage is unavailable")]
    Unavailable(#[source] BoxError),
    /// A row holds a value that the domain refuses.
    #[error("corrupt value in {table}.{column}, row {row}")]
    Corrupt {
        /// The table it stands in.
        table: &'static str,
        /// The column it stands in.
        column: &'static str,
        /// The id of its row.
        row: i64,
        /// The parser's own words.
        #[source]
        source: BoxError,
    },
    /// Anything else: a bug of ours or of the database.
    #[error("storage failed")]
    Internal(#[source] BoxError),
}

/// A write that may find its place taken, by what `T` says, or storage broken.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<T: std::fmt::Debug> {
    /// Somebody else holds it; nothing was written.
    #[error("already taken: {0:?}")]
    Conflict(T),
    /// What it belongs to was deleted meanwhile; nothing was written.
    #[error("gone")]
    Gone,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
