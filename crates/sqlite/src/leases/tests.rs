//! What reads see of commits, and what the connections keep when nobody reads.

use std::path::PathBuf;

use rusqlite::OpenFlags;
use tempfile::TempDir;

use super::*;

/// A writer and leased connections on one file with a table of numbers.
struct Bench {
    leases: Leases,
    commits: Commits,
    writer: Connection,
    path: PathBuf,
    _directory: TempDir,
}

impl Bench {
    fn new(connections: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT").unwrap();
        let reader = || Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let commits = Commits::default();
        let leases = Leases::new((0..connections).map(|_| reader()).collect(), commits.clone()).unwrap();
        Self { leases, commits, writer, path, _directory: directory }
    }

    fn write(&self) {
        self.writer.execute("INSERT INTO t DEFAULT VALUES", []).unwrap();
    }

    fn rows(&self) -> i64 {
        // The thread that ends old snapshots may have the connection for a moment.
        let read = || self.leases.read(|conn, _| count(conn));
        std::iter::repeat_with(read).flatten().next().unwrap().unwrap()
    }

    /// Whether a commit can begin the log again: no connection keeps a snapshot of it.
    fn log_is_free(&self) -> bool {
        let busy: i64 = self.writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        busy == 0
    }
}

fn count(conn: &Connection) -> Result<i64, Failure> {
    Ok(conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)
}

#[test]
fn a_commit_that_was_counted_is_seen_at_once() {
    let bench = Bench::new(1);
    for rows in 0..100 {
        assert_eq!(bench.rows(), rows);
        bench.write();
        bench.commits.add();
    }
}

#[test]
fn what_another_process_commits_is_seen_within_a_lease() {
    let bench = Bench::new(1);
    assert_eq!(bench.rows(), 0);
    bench.write();
    thread::sleep(LEASE);
    assert_eq!(bench.rows(), 1);
}

#[test]
fn a_snapshot_that_no_read_renews_is_ended() {
    let bench = Bench::new(2);
    for _ in 0..3 {
        bench.write();
        bench.commits.add();
        // Two reads at once take two connections.
        let both = bench.leases.read(|_, _| Ok(bench.rows())).unwrap().unwrap();
        assert_eq!(both, bench.rows());
        let until = Instant::now() + Duration::from_secs(10);
        while !bench.log_is_free() {
            assert!(Instant::now() < until, "a snapshot is kept for ever");
        }
    }
}

#[test]
fn a_failed_read_ends_its_snapshot() {
    let bench = Bench::new(1);
    assert_eq!(bench.rows(), 0);
    bench.write();
    let failed = bench.leases.read(|conn, _| Ok(conn.execute("SELECT nothing", [])?)).unwrap();
    assert!(failed.is_err());
    assert_eq!(bench.rows(), 1);
}

#[test]
fn a_read_that_panics_ends_its_snapshot() {
    let bench = Bench::new(1);
    assert_eq!(bench.rows(), 0);
    bench.write();
    let panicking = std::panic::AssertUnwindSafe(|| bench.leases.read(|_, _| -> Result<(), Failure> { panic!("boo") }));
    assert!(std::panic::catch_unwind(panicking).is_err());
    assert_eq!(bench.rows(), 1);
}

#[test]
fn more_reads_than_connections_are_told_so() {
    let bench = Bench::new(2);
    let third =
        bench.leases.read(|_, _| Ok(bench.leases.read(|_, _| Ok(bench.leases.read(|conn, _| count(conn)).is_none()))));
    assert!(third.unwrap().unwrap().unwrap().unwrap());
}

#[test]
fn once_dropped_it_has_closed_its_connections() {
    let Bench { leases, writer, path, _directory, .. } = Bench::new(2);
    leases.read(|conn, _| count(conn)).unwrap().unwrap();
    drop(leases);
    writer.close().unwrap();
    assert!(!path.with_extension("db-wal").exists(), "the last connection deletes the log");
}
