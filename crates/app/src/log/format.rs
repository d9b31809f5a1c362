//! What the lines of the log are, as the setting names it.

use clap::ValueEnum;

/// What the lines of the log are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Time, level, message, and fields as `name=value`.
    Text,
    /// Each line one JSON object.
    Json,
}
