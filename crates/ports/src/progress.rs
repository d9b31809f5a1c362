//! How a task that takes long is followed, and ended before its time.

/// Told how far a task is; asked whether it is to go on.
pub trait Progress: Send + Sync {
    /// The next part of the task begins. It has so many steps, or nobody knows how many.
    fn begin(&self, part: &str, steps: Option<u64>);
    /// So many steps of this part are done.
    fn reach(&self, steps: u64);
    /// Whether the task is to end now, leaving nothing behind.
    fn stopped(&self) -> bool;
}
