//! What is said of a panic: one line in the log. It ends the task that it happened in, such as one connection's.

use std::panic::{PanicHookInfo, set_hook};

/// Says so of every panic from now on. Without this each would be several lines of their own, beside the log.
pub(crate) fn log_panics() {
    set_hook(Box::new(|panic| tracing::error!(at = place(panic), why = why(panic), "a task has panicked")));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map(ToString::to_string).unwrap_or_default()
}

fn why<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or_default()
}
