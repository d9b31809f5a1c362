//! Compares one server on a file with one and two on PostgreSQL: the same data under the same loads, in turn.

use std::path::Path;
use std::process::Command;

use release_links_cluster::Cluster;

use crate::Outcome;
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
    let on_file = Server::real(binary, &size.database.url(), generator.log)?;
    let first = Server::real(binary, &postgres.url(), generator.log)?;
    let second = Server::real(binary, &postgres.url(), generator.log)?;
    let arrangements: [(&[&Server], &dyn Database); 3] =
        [(&[&on_file], &size.database), (&[&first], postgres), (&[&first, &second], postgres)];
    let mut compared = Vec::new();
    for row in rows::all(size.shape, &size.token).into_iter().filter(|row| ROWS.contains(&row.name)) {
        let mut runs = [const { Vec::new() }; 3];
        for _ in 0..rounds {
            for (at, (servers, database)) in arrangements.iter().enumerate() {
                runs[at].push(row.run(generator, servers, *database)?);
            }
        }
        let [file, one, two] = runs.map(|runs| runs.median());
        let all = file.zip(one).zip(two).ok_or("no round")?;
        compared.push(Compared { name: row.name, runs: [all.0.0, all.0.1, all.1] });
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
