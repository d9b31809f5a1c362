#![doc = include_str!("../README.md")]

mod ambient;
mod arguments;
mod backup;
mod copy;
mod database;
mod descriptors;
mod log;
mod panics;
mod progress;
mod serve;
mod settings;
mod signals;
mod token;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::{Arguments, Task};
use crate::log::Log;
use crate::settings::Settings;

/// Requests are made of many small allocations, for which the system's allocator takes longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Asking for help is no failure; a bad flag is one of the settings.
            let failed = error.use_stderr();
            let _ = error.print();
            return ExitCode::from(u8::from(failed));
        }
    };
    let log = match Log::to(std::io::stderr(), tell_dropped) {
        Ok(log) => log,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "release-links: cannot write a log: {error}");
            return ExitCode::FAILURE;
        }
    };
    start_logging(&log);
    let outcome = run(arguments).await;
    // Through the log as well: whoever writes to stderr waits until it is read.
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log.lines().say(&format!("release-links: {}", chain(&*error)));
            ExitCode::FAILURE
        }
    };
    drop(log);
    code
}

/// Sends to the log whatever is to be said, panics included.
fn start_logging(log: &Log) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(log.lines())
        .with_ansi(false)
        .fmt_fields(log::fields())
        .with_target(false)
        // When nobody reads the log any more, the server serves on without it.
        .log_internal_errors(false);
    tracing_subscriber::registry()
        .with(arguments::log_filter())
        .with(filter_fn(arguments::may_be_logged))
        .with(lines)
        .init();
    panics::log_panics();
}

fn tell_dropped(lines: u64) {
    tracing::warn!(lines, "lines of the log were dropped, since they were not read in time");
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    match arguments.into_task() {
        Task::Serve(arguments) => serve::serve(Settings::try_from(arguments)?).await,
        Task::Token(command) => token::token(command).await,
        Task::Backup(copy) => backup::backup(copy).await,
        Task::Restore(copy) => backup::restore(copy).await,
        Task::Copy(between) => copy::copy(between).await,
    }
}

/// An error with all its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
