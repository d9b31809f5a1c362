use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::*;
use crate::open::open_for_writing;

fn copy_database(from: &Path, to: &Path, progress: &Arc<dyn Progress>) -> Result<u64, CopyError> {
    stage_copy(from, to, progress)?.put_in_place()
}

const ROW: &str = "INSERT INTO users (name, email, administrator, bot, created_at) VALUES (?1, ?2, 0, 0, 0)";

/// Creates a database with several times the pages of one step.
fn large(path: &Path) -> Connection {
    let conn = open_for_writing(path).unwrap();
    let name = "x".repeat(4_000);
    conn.execute_batch("BEGIN").unwrap();
    for number in 0..3 * PAGES_PER_STEP {
        conn.execute(ROW, (&name, number)).unwrap();
    }
    conn.execute_batch("COMMIT").unwrap();
    conn
}

fn users(path: &Path) -> i32 {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

/// Inserts a row through another connection after each step.
struct Interfering {
    writer: Mutex<Connection>,
    total: AtomicU64,
    steps: AtomicU64,
}

impl Progress for Interfering {
    fn begin(&self, _: &str, steps: Option<u64>) {
        self.total.fetch_max(steps.unwrap_or_default(), Ordering::Relaxed);
    }

    fn reach(&self, _: u64) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        self.writer.lock().unwrap().execute(ROW, ("meanwhile", format!("{step} meanwhile"))).unwrap();
    }

    /// A copy that restarts after each write would never end.
    fn stopped(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > 100
    }
}

#[test]
fn concurrent_writes_neither_prolong_a_copy_nor_appear_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let (from, to) = (directory.path().join("store.db"), directory.path().join("copy.db"));
    let writer = Mutex::new(large(&from));
    let meanwhile = Arc::new(Interfering { writer, total: AtomicU64::new(0), steps: AtomicU64::new(0) });
    let progress: Arc<dyn Progress> = meanwhile.clone();
    copy_database(&from, &to, &progress).unwrap();
    let [total, steps] = [&meanwhile.total, &meanwhile.steps].map(|number| number.load(Ordering::Relaxed));
    assert!(steps >= 3, "{steps}");
    assert_eq!(steps, total.div_ceil(u64::try_from(PAGES_PER_STEP).unwrap()));
    assert_eq!(users(&to), 3 * PAGES_PER_STEP);
    assert_eq!(users(&from), 3 * PAGES_PER_STEP + i32::try_from(steps).unwrap());
    drop(meanwhile);
    drop(progress);
    assert_eq!(names(directory.path()), ["copy.db", "store.db"]);
}

/// Asks to stop once a part has begun.
struct StopAt(&'static str, AtomicBool);

impl Progress for StopAt {
    fn begin(&self, part: &str, _: Option<u64>) {
        self.1.store(part == self.0, Ordering::Relaxed);
    }

    fn reach(&self, _: u64) {}

    fn stopped(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

fn uninterrupted() -> Arc<dyn Progress> {
    Arc::new(StopAt("never", AtomicBool::new(false)))
}

#[test]
fn a_stopped_copy_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let (from, to) = (directory.path().join("store.db"), directory.path().join("copy.db"));
    drop(large(&from));
    for part in ["copying", "checking"] {
        let progress: Arc<dyn Progress> = Arc::new(StopAt(part, AtomicBool::new(false)));
        let stopped = copy_database(&from, &to, &progress).unwrap_err();
        assert!(matches!(stopped, CopyError::Stopped), "{part}: {stopped:?}");
        assert_eq!(names(directory.path()), ["store.db"], "{part}");
    }
}

#[test]
fn a_row_with_a_missing_parent_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let (from, to) = (directory.path().join("store.db"), directory.path().join("copy.db"));
    let conn = open_for_writing(&from).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO protected_tags VALUES (1, 1, 'v*', 30)").unwrap();
    let refused = copy_database(&from, &to, &uninterrupted()).unwrap_err();
    let expected =
        format!("{} is damaged: a row of protected_tags refers to a missing row of projects", from.display());
    assert_eq!(refused.to_string(), expected);
    assert!(!to.exists());
}

#[test]
fn an_empty_or_foreign_database_is_not_copied() {
    let directory = tempfile::tempdir().unwrap();
    let (from, to) = (directory.path().join("store.db"), directory.path().join("copy.db"));
    fs::write(&from, "").unwrap();
    let refused = copy_database(&from, &to, &uninterrupted()).unwrap_err();
    assert!(matches!(refused, CopyError::Empty(_)), "{refused:?}");
    Connection::open(&from).unwrap().execute_batch("CREATE TABLE users (id)").unwrap();
    let refused = copy_database(&from, &to, &uninterrupted()).unwrap_err();
    assert!(matches!(refused, CopyError::Source(OpenError::NotOurs { .. })), "{refused:?}");
    assert_eq!(names(directory.path()), ["store.db"]);
}

#[test]
fn an_existing_target_or_file_beside_it_is_refused_and_kept() {
    for taken in ["copy.db", "copy.db-wal", "copy.db-shm", "copy.db-journal"] {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("store.db"), directory.path().join("copy.db"));
        drop(open_for_writing(&from).unwrap());
        fs::write(directory.path().join(taken), "mine").unwrap();
        let refused = copy_database(&from, &to, &uninterrupted()).unwrap_err();
        assert!(refused.to_string().contains(taken), "{refused}");
        assert_eq!(fs::read_to_string(directory.path().join(taken)).unwrap(), "mine");
        assert_eq!(names(directory.path()), [taken, "store.db"]);
    }
}
