//! The outcomes of requests that share a transaction, and of those that the queue refuses.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use super::queue::BATCH;
use super::*;

/// No background work.
const IDLE: BackgroundWork = BackgroundWork { is_pending: |_| Ok(false), step: |_| Ok(false) };

type Outcome = Result<(), StoreError>;

/// A writer with a table `t` of unique numbers, and a second connection to the same file.
struct Bench {
    writer: Writer,
    other: Connection,
    _directory: tempfile::TempDir,
}

impl Bench {
    fn new(waiting: usize) -> Self {
        Self::with(waiting, |_| ())
    }

    fn with(waiting: usize, prepare: impl FnOnce(&Connection)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT;
            CREATE TABLE u (n INTEGER REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED) STRICT",
        )
        .unwrap();
        prepare(&conn);
        let other = Connection::open(&path).unwrap();
        Self { writer: Writer::start(conn, waiting, IDLE, Commits::default()).unwrap(), other, _directory: directory }
    }

    /// Keeps the writer busy until the sender is dropped.
    fn hold(&self) -> (Sender<()>, impl Future<Output = Outcome> + use<>) {
        let (release, held) = channel::<()>();
        let (started, has_started) = channel();
        let work = move |_: &Connection| {
            started.send(()).unwrap();
            let _ = held.recv();
            Ok(())
        };
        let outcome = self.writer.submit(work, true).unwrap();
        has_started.recv().unwrap();
        (release, outcome)
    }

    fn submit<W>(&self, work: W) -> impl Future<Output = Outcome> + use<W>
    where
        W: FnOnce(&Connection) -> Outcome + Send + 'static,
    {
        self.writer.submit(work, false).unwrap()
    }

    fn stored(&self) -> Vec<i64> {
        let mut statement = self.other.prepare("SELECT n FROM t ORDER BY n").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

fn add(number: i64) -> impl FnOnce(&Connection) -> Outcome + Send + 'static {
    move |conn| Ok(run(conn, "INSERT INTO t VALUES (?1)", [number])?)
}

fn wait<T>(outcome: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(outcome)
}

#[test]
fn a_failed_request_rolls_back_only_its_own_rows() {
    let bench = Bench::new(9);
    let (release, _held) = bench.hold();
    let first = bench.submit(add(1));
    let failing = bench.submit(|conn| {
        add(2)(conn)?;
        add(3)(conn)?;
        add(1)(conn)
    });
    let last = bench.submit(add(4));
    drop(release);
    assert!(wait(first).is_ok());
    assert!(matches!(wait(failing), Err(StoreError::Internal(_))));
    assert!(wait(last).is_ok());
    assert_eq!(bench.stored(), [1, 4]);
}

#[test]
fn queued_requests_share_a_transaction_and_are_answered_after_its_commit() {
    let bench = Bench::new(9);
    let (release, _held) = bench.hold();
    let first = bench.submit(add(1));
    let path = bench.other.path().unwrap().to_owned();
    let second = bench.submit(move |conn| {
        let count =
            |conn: &Connection| conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((count(conn), count(&Connection::open(path).unwrap())), (1, 0));
        add(2)(conn)
    });
    drop(release);
    assert!(wait(first).is_ok());
    assert_eq!(bench.stored(), [1, 2]);
    assert!(wait(second).is_ok());
}

#[test]
fn a_large_request_has_its_own_transaction() {
    let bench = Bench::new(9);
    let (release, _held) = bench.hold();
    let first = bench.submit(add(1));
    let breaking = |conn: &Connection| {
        conn.execute_batch("ROLLBACK").unwrap();
        Ok::<_, StoreError>(())
    };
    let alone = bench.writer.submit(breaking, true).unwrap();
    let last = bench.submit(add(2));
    drop(release);
    assert!(wait(first).is_ok());
    assert!(matches!(wait(alone), Err(StoreError::Unavailable(_))));
    assert!(wait(last).is_ok());
    assert_eq!(bench.stored(), [1, 2]);
}

/// Runs a batch with `breaking` between two valid requests, and checks that all three fail and the writer
/// continues.
fn outcome_of_a_batch_with(
    breaking: impl FnOnce(&Connection) -> Outcome + Send + 'static,
) -> [Result<(), StoreError>; 3] {
    let bench = Bench::new(9);
    let (release, _held) = bench.hold();
    let batch = (bench.submit(add(1)), bench.submit(breaking), bench.submit(add(2)));
    drop(release);
    let outcomes = [wait(batch.0), wait(batch.1), wait(batch.2)];
    assert_eq!(bench.stored(), [0; 0]);
    assert!(wait(bench.submit(add(3))).is_ok());
    assert_eq!(bench.stored(), [3]);
    outcomes
}

#[test]
fn a_transaction_that_sqlite_rolls_back_fails_every_request_of_the_batch() {
    // Simulates a full disk, on which SQLite rolls back the transaction.
    let outcomes = outcome_of_a_batch_with(|conn| {
        conn.execute_batch("ROLLBACK").unwrap();
        Err(StoreError::Internal("disk full".into()))
    });
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(StoreError::Unavailable(_)))), "{outcomes:?}");
}

#[test]
fn a_failed_commit_fails_every_request_of_the_batch() {
    let outcomes = outcome_of_a_batch_with(|conn| Ok(run(conn, "INSERT INTO u VALUES (77)", [])?));
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(StoreError::Internal(_)))), "{outcomes:?}");
}

#[test]
fn a_panicking_request_rolls_back_only_its_own_rows() {
    let bench = Bench::new(9);
    let (release, _held) = bench.hold();
    let first = bench.submit(add(1));
    let panicking = bench.submit(|conn| {
        add(2)(conn)?;
        panic!("a bug")
    });
    let last = bench.submit(add(3));
    drop(release);
    assert!(wait(first).is_ok());
    assert!(matches!(wait(panicking), Err(StoreError::Internal(_))));
    assert!(wait(last).is_ok());
    assert_eq!(bench.stored(), [1, 3]);
}

static LOCK_WAITS: AtomicUsize = AtomicUsize::new(0);
static ALL_ARE_WAITING: Barrier = Barrier::new(2);

#[test]
fn all_queued_requests_fail_after_one_wait_for_a_lock() {
    let bench = Bench::with(2 * BATCH, |conn| {
        conn.busy_handler(Some(|_| {
            if LOCK_WAITS.fetch_add(1, Ordering::Relaxed) == 0 {
                ALL_ARE_WAITING.wait();
            }
            false
        }))
        .unwrap();
    });
    bench.other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let outcomes: Vec<_> = (0..2 * BATCH).map(|_| bench.submit(add(1))).collect();
    ALL_ARE_WAITING.wait();
    for outcome in outcomes {
        assert!(matches!(wait(outcome), Err(StoreError::Unavailable(_))));
    }
    assert_eq!(LOCK_WAITS.load(Ordering::Relaxed), 1);
    bench.other.execute_batch("ROLLBACK").unwrap();
    assert!(wait(bench.submit(add(1))).is_ok());
}

#[test]
fn a_full_queue_refuses_requests_immediately() {
    let bench = Bench::new(1);
    let (release, _held) = bench.hold();
    let waiting = bench.submit(add(1));
    let refused = bench.writer.submit(add(2), false).err();
    assert!(matches!(refused, Some(StoreError::Unavailable(_))), "{refused:?}");
    drop(release);
    assert!(wait(waiting).is_ok());
    assert_eq!(bench.stored(), [1]);
}

#[test]
fn a_small_request_runs_before_large_ones_that_were_queued_earlier() {
    let bench = Bench::new(99);
    let (release, _held) = bench.hold();
    let (sender, order) = channel();
    let noting = |word: &'static str| {
        let sender = sender.clone();
        move |_: &Connection| {
            sender.send(word).unwrap();
            Ok::<_, StoreError>(())
        }
    };
    let large = ["first", "second", "third"].map(|word| bench.writer.submit(noting(word), true).unwrap());
    let small = bench.submit(noting("small"));
    drop((release, small));
    for outcome in large {
        wait(outcome).unwrap();
    }
    assert_eq!(order.try_iter().collect::<Vec<_>>(), ["small", "first", "second", "third"]);
}

#[test]
fn queued_requests_run_before_the_writer_stops() {
    let bench = Bench::new(9);
    let (release, _held) = bench.hold();
    let waiting = bench.submit(add(1));
    drop(release);
    bench.writer.finish();
    assert!(wait(waiting).is_ok());
}
