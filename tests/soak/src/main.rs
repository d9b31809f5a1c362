#![doc = include_str!("../README.md")]

mod attacks;
mod cost;
#[allow(dead_code, reason = "written for the bench, which uses more of it")]
#[path = "../../bench/src/data.rs"]
mod data;
mod files;
mod fuzz;
mod http;
mod load;
mod requests;
mod server;
mod soak;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
struct Arguments {
    /// The server's binary; by default the one next to this program.
    #[arg(long)]
    binary: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Publish and download a large file; measure what one costly request takes; then run ordinary traffic at half of the capacity beside each attack in
    /// turn.
    Soak {
        /// Run for one minute over 10^5 links instead of ten over 10^6, and publish 256 MiB instead of the largest file.
        #[arg(long)]
        short: bool,
        /// Only run what has this in its name: attacks, or "a large file".
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Send random requests to every route.
    Fuzz {
        /// How many seconds to use each seed.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// The seed to use; a random one is always used as well.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// What failed, and how many checks passed.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) passed: usize,
    pub(crate) failures: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let verdict = run(&arguments).unwrap_or_else(|error| Verdict { passed: 0, failures: vec![error.to_string()] });
    for failure in &verdict.failures {
        println!("FAILED {failure}");
    }
    println!("{} passed, {} failed", verdict.passed, verdict.failures.len());
    ExitCode::from(u8::from(!verdict.failures.is_empty()))
}

fn run(arguments: &Arguments) -> Outcome<Verdict> {
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => std::env::current_exe()?.with_file_name("release-links"),
    };
    match &arguments.command {
        Command::Soak { short, only } => soak::soak(&binary, *short, only),
        Command::Fuzz { seconds, seed } => fuzz::fuzz(&binary, *seconds, *seed),
    }
}
