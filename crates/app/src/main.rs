#![doc = include_str!("../README.md")]

mod ambient;
mod arguments;
mod backup;
mod causes;
mod config;
mod configuration;
mod copy;
mod database;
mod descriptors;
mod files;
mod healthcheck;
mod history;
mod log;
mod metrics;
mod panics;
mod progress;
mod root_token;
mod serve;
mod settings;
mod signals;
mod token;
mod version;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory as _;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::{Arguments, Task};
use crate::causes::chain;
use crate::configuration::Sources;
use crate::log::Log;
use crate::log::filter::{LogLevels, may_be_logged};
use crate::log::format::LogFormat;
use crate::log::line::WriteLines;
use crate::settings::Settings;

/// Requests make many small allocations, for which the system's allocator is slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    let (arguments, sources) = match configuration::read() {
        Ok(read) => read,
        Err(error) => {
            // Asking for help is not a failure; an unknown flag is.
            let failed = error.use_stderr();
            let _ = error.print();
            return ExitCode::from(u8::from(failed));
        }
    };
    let log = match Log::to(std::io::stderr(), report_dropped) {
        Ok(log) => log,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "release-links: cannot write a log: {error}");
            return ExitCode::FAILURE;
        }
    };
    let format = arguments.log_format;
    start_logging(&log, arguments.log.clone(), format);
    configuration::variables::warn_about_unknown(&Arguments::command());
    let outcome = run(arguments, &sources).await;
    // Errors also go through the log, because writing to stderr blocks until somebody reads it.
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = format.failure(&chain(&*error)) + "\n";
            log.lines().add(line.as_bytes(), true);
            ExitCode::FAILURE
        }
    };
    drop(log);
    code
}

/// Sends all events to the log, panics included.
fn start_logging(log: &Log, levels: LogLevels, format: LogFormat) {
    let lines = WriteLines { format, lines: log.lines() };
    tracing_subscriber::registry().with(Targets::from(levels)).with(filter_fn(may_be_logged)).with(lines).init();
    panics::log_panics();
}

fn report_dropped(lines: u64) {
    tracing::warn!(lines, "lines of the log were dropped because nobody read them in time");
}

async fn run(arguments: Arguments, sources: &Sources) -> Result<(), Box<dyn std::error::Error>> {
    match arguments.into_task() {
        Task::Serve(arguments) => serve::serve(Settings::try_from(arguments)?).await,
        Task::Token(command) => token::token(command).await,
        Task::Release(command) => history::release(command).await,
        Task::History(command) => history::prune(command).await,
        Task::Backup(copy) => backup::backup(copy).await,
        Task::Restore(copy) => backup::restore(copy).await,
        Task::Copy(between) => copy::copy(between).await,
        Task::Files(command) => files::check(command).await,
        Task::Healthcheck(listen) => healthcheck::healthcheck(listen.address()?),
        Task::Config(command) => config::config(command, sources),
        Task::OpenApi => Ok(std::io::stdout().write_all(release_links_http::openapi()?.as_bytes())?),
    }
}
