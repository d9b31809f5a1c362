//! Logs each panic as one line. A panic ends only the task that it happens in, such as one connection's.

use std::panic::{PanicHookInfo, set_hook};

/// Logs every panic from now on. Without this, each would be several lines on stderr, outside of the log.
pub(crate) fn log_panics() {
    set_hook(Box::new(|panic| tracing::error!(at = place(panic), why = why(panic), "a task panicked")));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map(ToString::to_string).unwrap_or_default()
}

fn why<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or_default()
}
