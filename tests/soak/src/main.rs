#![doc = include_str!("../README.md")]

mod attacks;
mod cost;
#[allow(dead_code, reason = "made for the bench, which measures more of it")]
#[path = "../../bench/src/data.rs"]
mod data;
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
    /// The server's binary; by default the one beside this.
    #[arg(long)]
    binary: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What one costly request takes; then ordinary traffic at half of the capacity, while each attack runs in turn.
    Soak {
        /// A minute over 10^5 links, in place of ten over 10^6.
        #[arg(long)]
        short: bool,
        /// Only attacks whose name has this in it.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Requests to every route at random.
    Fuzz {
        /// For how long each seed is used.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Which to use; one more is always taken at random.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// What was found, and how many things were looked at.
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
