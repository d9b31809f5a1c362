#![doc = include_str!("../README.md")]

mod baseline;
mod commits;
mod data;
mod files;
mod growth;
mod histories;
mod load;
mod median;
mod nginx;
mod rows;
mod server;
mod servers;
mod table;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::data::{Database, Shape};
use crate::growth::Size;
use crate::load::Generator;
use crate::server::Server;
use crate::servers::Postgres;

/// The result of what can fail with a message.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measure the release build next to this program.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Use the smallest size and the shortest runs: shows that every row can be measured, not how fast it is.
    #[arg(long)]
    quick: bool,
    /// Also measure ten million links.
    #[arg(long)]
    ten_million: bool,
    /// Only measure how files are published and served.
    #[arg(long)]
    files: bool,
    /// Compare with servers on `PostgreSQL`: on the empty database at a URL, or on a temporary one.
    #[arg(long, value_name = "postgres://…|postgres")]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve as a baseline.
    Baseline(baseline::Baseline),
}

/// What to measure.
struct Plan {
    sizes: Vec<Shape>,
    /// How many rows of history a project has.
    histories: [i64; 2],
    /// The size on which the rows are measured.
    base: usize,
    rounds: usize,
    seconds: u64,
    /// How many bytes a large file has.
    file: u64,
}

impl Plan {
    fn of(arguments: &Arguments) -> Self {
        if arguments.quick {
            let sizes = vec![Shape::spread(10_000), Shape::one_release(10_000)];
            return Self { sizes, histories: [1_000, 10_000], base: 0, rounds: 1, seconds: 1, file: 16 << 20 };
        }
        let mut sizes = [10_000, 100_000, 1_000_000].map(Shape::spread).to_vec();
        if arguments.ten_million {
            sizes.push(Shape::spread(10_000_000));
        }
        sizes.push(Shape::one_release(100_000));
        Self { sizes, histories: [1_000, 1_000_000], base: 2, rounds: 5, seconds: 2, file: 256 << 20 }
    }
}

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = Plan::of(&arguments);
    let outcome = match arguments.command {
        Some(Command::Baseline(baseline)) => baseline::serve(baseline).await.map(|()| 0),
        None => bench(&plan, arguments.files, arguments.database.as_deref()),
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything in a temporary directory, and returns how many rows could not be measured.
fn bench(plan: &Plan, only_files: bool, other: Option<&str>) -> Outcome<usize> {
    let program = std::env::current_exe()?;
    let directory = program.with_file_name("bench-data");
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    let binary = program.with_file_name("release-links");
    let outcome =
        if only_files { measure_files(plan, &binary, &directory) } else { measure(plan, other, &binary, &directory) };
    fs::remove_dir_all(&directory)?;
    outcome
}

/// Measures files alone, on a database of the smallest size.
fn measure_files(plan: &Plan, binary: &Path, directory: &Path) -> Outcome<usize> {
    let log = directory.join("server.log");
    let generator = Generator { directory, log: &log, seconds: plan.seconds };
    println!("{}\n", table::machine());
    let base = Size::build(binary, directory, plan.sizes[0], &log)?;
    let server = Server::real(binary, &base.database.url(), &log)?;
    let files = files::measure(&server, &base.token, &generator, plan.rounds, plan.file)?;
    let peak = server.memory("VmHWM")?;
    server.stop()?;
    println!("{}\n{}", table::files(&files), table::goals(&[], &[], &[], Some(&files), peak));
    println!("{} passed, 0 failed", files.transfers.len() + 1);
    Ok(0)
}

fn measure(plan: &Plan, other: Option<&str>, binary: &Path, directory: &Path) -> Outcome<usize> {
    let log = directory.join("server.log");
    let generator = Generator { directory, log: &log, seconds: plan.seconds };
    println!("{}\n", table::machine());
    let sizes: Vec<_> =
        plan.sizes.iter().map(|&shape| Size::build(binary, directory, shape, &log)).collect::<Outcome<_>>()?;
    let (mut passed, mut failed) = (0, 0);

    // Measure the growth first, because the rows add links.
    let grown = growth::measure(&sizes, binary, &generator, plan.rounds).unwrap_or_else(|error| {
        println!("the growth could not be measured: {error}");
        failed += 1;
        Vec::new()
    });
    passed += grown.len();
    let told = histories::measure(plan.histories, binary, &generator, plan.rounds).unwrap_or_else(|error| {
        println!("the histories could not be measured: {error}");
        failed += 1;
        Vec::new()
    });
    passed += told.len();

    let base = &sizes[plan.base];
    let server = Server::real(binary, &base.database.url(), &log)?;
    let mut measured = Vec::new();
    for row in rows::all(base.shape, &base.token) {
        match row.measure(&server, &base.database, &generator, plan.rounds) {
            Ok(figures) => measured.push((row.name, figures)),
            Err(error) => {
                println!("{} could not be measured: {error}", row.name);
                failed += 1;
            }
        }
    }
    passed += measured.len();
    let files = files::measure(&server, &base.token, &generator, plan.rounds, plan.file);
    let files = files.inspect_err(|error| {
        println!("the files could not be measured: {error}");
        failed += 1;
    });
    passed += files.as_ref().map_or(0, |files| files.transfers.len() + 1);
    let files = files.ok();
    let peak = server.memory("VmHWM")?;
    server.stop()?;
    println!("With {} links:\n\n{}", base.shape.name(), table::rows(&measured));
    println!("{}\n{}\n{}", table::commits(&measured), table::growth(&grown), table::histories(&told));
    if let Some(files) = &files {
        println!("{}", table::files(files));
    }
    println!("{}", table::goals(&measured, &grown, &told, files.as_ref(), peak));
    if let Some(other) = other {
        let postgres = Postgres::named(other);
        match servers::measure(base, &postgres, binary, &generator, plan.rounds) {
            Ok(comparison) => {
                passed += comparison.rows.len();
                println!("{}", table::comparison(&comparison));
            }
            Err(error) => {
                println!("the servers on PostgreSQL could not be measured: {error}");
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed)
}
