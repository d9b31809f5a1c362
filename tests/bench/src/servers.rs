//! Compares one server on a file with one and two on PostgreSQL: the same data under the same loads, in turn.

use std::path::Path;
use std::process::Command;

use release_links_cluster::Cluster;

use crate::Outcome;
use crate::baseline::POOL;
use crate::data::Database;
use crate::growth::Size;
use crate::load::{Generator, Run};
use crate::median::Median;
use crate::rows::{self, CREATE, GET, LIST, MIX, REDIRECT};
use crate::server::Server;

/// The rows to compare.
const ROWS: [&str; 5] = [GET, LIST, REDIRECT, CREATE, MIX];

/// A database on a `PostgreSQL` server.
pub(crate) struct Postgres {
    url: String,
    /// The temporary server, if there is one, with `PostgreSQL`'s default settings.
    _cluster: Option<Cluster>,
}

impl Postgres {
    /// Uses the empty database at a URL, or for `postgres` one on a temporary server.
    pub(crate) fn named(name: &str) -> Self {
        if name == "postgres" {
            let cluster = Cluster::start_with(&[]);
            return Self { url: cluster.create_database("bench"), _cluster: Some(cluster) };
        }
        Self { url: name.to_owned(), _cluster: None }
    }

    /// Creates the tables of pgbench, of about as many rows as there are links.
    fn prepare_pgbench(&self, links: u64) -> Outcome<()> {
        let scale = links.div_ceil(100_000).to_string();
        self.pgbench(&["--initialize", "--quiet", "--scale", &scale]).map(drop)
    }

    /// Returns how many accounts pgbench reads a second.
    fn reads_of_pgbench(&self, seconds: u64) -> Outcome<f64> {
        let (clients, seconds) = (POOL.to_string(), seconds.to_string());
        let load = ["--select-only", "--protocol=prepared", "--no-vacuum", "--jobs=2"];
        let said = self.pgbench(&[&load[..], &["--client", &clients, "--time", &seconds]].concat())?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.ok_or_else(|| format!("unexpected output of pgbench: {said}").into())
    }

    fn pgbench(&self, arguments: &[&str]) -> Outcome<String> {
        let output = Command::new("pgbench").args(arguments).arg(&self.url).output()?;
        if !output.status.success() {
            return Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn ask(&self, sql: &str) -> Outcome<u64> {
        let output = Command::new("psql").args(["-X", "-A", "-t", "-c", sql, &self.url]).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map_err(|_| format!("{sql}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

impl Database for Postgres {
    fn url(&self) -> String {
        self.url.clone()
    }

    fn size(&self) -> Outcome<u64> {
        self.ask("SELECT pg_database_size(current_database())")
    }

    fn links(&self) -> Outcome<u64> {
        self.ask("SELECT last_value FROM links_id_seq")
    }
}

/// The result of a row on a file, on `PostgreSQL`, and over two servers there.
pub(crate) struct Compared {
    pub(crate) name: &'static str,
    pub(crate) runs: [Run; 3],
    pub(crate) beside: Option<Beside>,
}

/// What the same `PostgreSQL` does for others in the same rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside {
    /// A bare route that runs one prepared statement.
    pub(crate) one_select: Run,
    /// How many transactions `pgbench -S -M prepared` makes a second, over as many connections as a server has.
    pub(crate) pgbench: f64,
}

/// The results of the comparison.
pub(crate) struct Comparison {
    /// The summary that the copy into `PostgreSQL` printed.
    pub(crate) copied: String,
    /// The size of the same data there, in bytes.
    pub(crate) size: u64,
    pub(crate) rows: Vec<Compared>,
}

/// Copies the data of one size into `PostgreSQL` and runs the same loads on both, for several rounds.
pub(crate) fn measure(
    size: &Size,
    postgres: &Postgres,
    binary: &Path,
    generator: &Generator<'_>,
    rounds: usize,
) -> Outcome<Comparison> {
    let copied = copy(binary, &size.database.url(), &postgres.url())?;
    let taken = postgres.size()?;
    postgres.prepare_pgbench(size.shape.links)?;
    let on_file = Server::real(binary, &size.database.url(), generator.log)?;
    let first = Server::real(binary, &postgres.url(), generator.log)?;
    let second = Server::real(binary, &postgres.url(), generator.log)?;
    let arrangements: [(&[&Server], &dyn Database); 3] =
        [(&[&on_file], &size.database), (&[&first], postgres), (&[&first, &second], postgres)];
    let mut compared = Vec::new();
    for row in rows::all(size.shape, &size.token).into_iter().filter(|row| ROWS.contains(&row.name)) {
        let one_select = row.baseline_on_postgres(&postgres.url())?;
        let (mut runs, mut selects, mut pgbench) = ([const { Vec::new() }; 3], Vec::new(), Vec::new());
        for _ in 0..rounds {
            for (at, (servers, database)) in arrangements.iter().enumerate() {
                runs[at].push(row.run(generator, servers, *database)?);
            }
            if let Some(server) = &one_select {
                selects.push(generator.run(&[server], &row.load)?);
                pgbench.push(postgres.reads_of_pgbench(generator.seconds)?);
            }
        }
        let beside = selects.median().zip(pgbench.median());
        let beside = beside.map(|(one_select, pgbench)| Beside { one_select, pgbench });
        let [file, one, two] = runs.map(|runs| runs.median());
        let all = file.zip(one).zip(two).ok_or("no round")?;
        compared.push(Compared { name: row.name, runs: [all.0.0, all.0.1, all.1], beside });
    }
    for server in [on_file, first, second] {
        server.stop()?;
    }
    Ok(Comparison { copied, size: taken, rows: compared })
}

/// Copies everything, and returns the line that says how much was copied and how long it took.
fn copy(binary: &Path, from: &str, to: &str) -> Outcome<String> {
    let output = Command::new(binary).args(["copy", "--from", from, "--to", to]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let said = String::from_utf8(output.stdout)?;
    Ok(said.lines().last().unwrap_or_default().to_owned())
}
