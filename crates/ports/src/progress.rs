//! The progress and the cancellation of a long task.

/// Observes the progress of a task, and can stop it early.
pub trait Progress: Send + Sync {
    /// Begins the next part of the task, with its number of steps if that is known.
    fn begin(&self, part: &str, steps: Option<u64>);
    /// Reports how many steps of this part are done so far.
    fn reach(&self, steps: u64);
    /// Whether the task must stop now, without leaving a partial result.
    fn stopped(&self) -> bool;
}
