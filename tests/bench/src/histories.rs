//! Measures how the history of a project scales with its rows.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::Outcome;
use crate::data::{Database, Shape, Sqlite};
use crate::load::{Generator, Load, Run};
use crate::median::Median;
use crate::rows::LOCATIONS;
use crate::server::Server;

/// The links of the project whose history grows.
const SHAPE: Shape = Shape::spread(1_000);
/// The time from one row to the next, in milliseconds.
const APART: i64 = 1_000;

/// The result for one length of the history.
pub(crate) struct Told {
    pub(crate) rows: i64,
    pub(crate) file: u64,
    /// Where a permanent link led at a moment.
    pub(crate) led: Run,
    /// The newest rows of a release.
    pub(crate) newest: Run,
}

/// Measures each length in turn, for several rounds.
pub(crate) fn measure(
    lengths: [i64; 2],
    binary: &Path,
    generator: &Generator<'_>,
    rounds: usize,
) -> Outcome<Vec<Told>> {
    let mut servers = Vec::new();
    for rows in lengths {
        let path = generator.directory.join(format!("history-{rows}.db"));
        let database = Sqlite::build(binary, &path, SHAPE, generator.log)?;
        fill(&database, rows)?;
        let server = Server::real(binary, &database.url(), generator.log)?;
        let loads = [led(rows), newest()];
        for load in &loads {
            load.check(&server)?;
        }
        servers.push((rows, database.size()?, server, loads, [const { Vec::new() }; 2]));
    }
    for _ in 0..rounds {
        for row in 0..2 {
            for (_, _, server, loads, runs) in &mut servers {
                runs[row].push(generator.run(&[server], &loads[row])?);
            }
        }
    }
    let mut told = Vec::new();
    for (rows, file, server, _, [led, newest]) in servers {
        let median = |runs: Vec<Run>| runs.median().ok_or("no round");
        told.push(Told { rows, file, led: median(led)?, newest: median(newest)? });
        server.stop()?;
    }
    Ok(told)
}

/// Makes the permanent link of the first link lead elsewhere so many times.
fn fill(database: &Sqlite, rows: i64) -> Outcome<()> {
    let connection = Connection::open(&database.path)?;
    connection.execute_batch("PRAGMA synchronous = OFF; BEGIN")?;
    for (sql, count) in [(FILL_HISTORY, rows), (FILL_STEPS, rows - 1), (FILL_LINK, 1)] {
        let stored = connection.execute(sql, [rows, APART])?;
        if i64::try_from(stored) != Ok(count) {
            return Err(format!("{stored} rows were stored, not {count}").into());
        }
    }
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn led(rows: i64) -> Load {
    let mut random = fastrand::Rng::with_seed(9);
    let target = |at: i64| -> Outcome<_> {
        let at = Timestamp::from_millisecond(at)?;
        Ok(("GET", format!("/api/v4/projects/1/releases/v1.0.0/history?path=/bin/tool-0&at={at}")))
    };
    let requests = (0..LOCATIONS).filter_map(|_| target(random.i64(APART..rows * APART)).ok()).collect();
    Load { requests, token: None, status: 200 }
}

fn newest() -> Load {
    let target = "/api/v4/projects/1/releases/v1.0.0/history".to_owned();
    Load { requests: vec![("GET", target)], token: None, status: 200 }
}

const FILL_HISTORY: &str = "
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?1)
    INSERT INTO history (project_id, seq, at, user_id, token_id, link_id, action, tag, before_name, before_url, before_path,
        before_type, after_name, after_url, after_path, after_type, username)
    SELECT 1, n, n * ?2, 2, 1, 1, 'link.update', 'v1.0.0', 'tool-0-linux-amd64', 'https://files.example.com/' || (n - 1),
        '/bin/tool-0', 'package', 'tool-0-linux-amd64', 'https://files.example.com/' || n, '/bin/tool-0', 'package', 'reader'
    FROM c";
const FILL_STEPS: &str = "INSERT INTO ended_steps (project_id, tag, path, until, seq, since, link_id)
    SELECT 1, 'v1.0.0', '/bin/tool-0', at + ?2, seq, at, 1 FROM history WHERE seq < ?1";
const FILL_LINK: &str = "UPDATE links SET url = 'https://files.example.com/' || ?1, since = ?1 * ?2, since_seq = ?1
    WHERE id = 1";
