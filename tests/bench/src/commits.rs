//! Measures what a commit costs on this machine without a server: a plain loop of inserts with one commit each, and the
//! disk's own sync.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use crate::Outcome;
use crate::data::Sqlite;
use crate::median::Median;

/// How often an operation was done per second, and how long it took in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paces {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Inserts links as the real server does, each in a transaction of its own with a full sync.
pub(crate) fn inserts(database: &Sqlite, time: Duration, run: &str) -> Outcome<Paces> {
    let connection = Connection::open(&database.path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")?;
    let mut statement = connection.prepare(
        "INSERT INTO links (project_id, release_id, name, url, path, link_type)
        SELECT project_id, id, ?2, ?3, ?4, 'other' FROM releases WHERE id = ?1",
    )?;
    let releases: i64 = connection.query_row("SELECT max(id) FROM releases", [], |row| row.get(0))?;
    let mut random = fastrand::Rng::with_seed(9);
    paces(time, |count| {
        let name = format!("{run}-{count}");
        let (url, path) = (format!("https://files.example.com/new/{name}"), format!("/new/{name}"));
        statement.execute(params![random.i64(1..=releases), name, url, path])?;
        Ok(())
    })
}

/// Overwrites 4 KiB of a file and waits until they are on disk.
pub(crate) fn syncs(directory: &Path, time: Duration) -> Outcome<Paces> {
    let path = directory.join("sync");
    let file = File::create(&path)?;
    file.write_all_at(&vec![1; 64 * 4096], 0)?;
    file.sync_all()?;
    paces(time, |count| {
        file.write_all_at(&[2; 4096], count % 64 * 4096)?;
        Ok(file.sync_data()?)
    })
}

/// Repeats an operation for a given time.
fn paces(time: Duration, mut act: impl FnMut(u64) -> Outcome<()>) -> Outcome<Paces> {
    let began = Instant::now();
    let mut took = Vec::new();
    for count in 0.. {
        let before = Instant::now();
        act(count)?;
        took.push(before.elapsed().as_secs_f64() * 1e3);
        if began.elapsed() >= time {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let p99 = took.get(took.len() * 99 / 100).copied();
    let count = u32::try_from(took.len())?;
    Ok(Paces {
        per_second: f64::from(count) / seconds,
        p50: took.median().ok_or("no time")?,
        p99: p99.ok_or("no time")?,
    })
}

impl Median<Paces> for [Paces] {
    fn median(&self) -> Option<Paces> {
        let of = |figure: fn(&Paces) -> f64| self.iter().map(figure).collect::<Vec<_>>().median();
        Some(Paces {
            per_second: of(|paces| paces.per_second)?,
            p50: of(|paces| paces.p50)?,
            p99: of(|paces| paces.p99)?,
        })
    }
}
