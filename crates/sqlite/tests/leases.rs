//! Reads keep their snapshots for a moment (decision record 0008): they see what was written all the same, and do not keep
//! the log from starting again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use release_links_contract::Storage;
use release_links_domain::ReleaseId;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::history::Origin;
use release_links_domain::link::Change;
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::release::{ReleaseChanges, SentLinks};
use release_links_domain::token::Scope;
use release_links_ports::{IfExists, NewProject, NewRelease, NewToken, NewUser, Precondition, ReleaseKey, TokenDigest};
use release_links_sqlite::SqliteStore;
use release_links_sqlite::limits::RESTARTED_FROM;
use rusqlite::Connection;
use tempfile::TempDir;

/// A store with a public project that has a release.
struct Bench {
    ports: Storage,
    path: PathBuf,
    project: Project,
    _directory: TempDir,
}

fn origin() -> Origin {
    Origin::operator(Timestamp::from_second(1_700_000_000).unwrap())
}

fn wait<T>(outcome: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(outcome)
}

impl Bench {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("leases.db");
        let ports = Storage::of(SqliteStore::open(&path).unwrap());
        let project = wait(populate(&ports));
        Self { ports, path, project, _directory: directory }
    }

    fn key(&self, tag: &str) -> ReleaseKey {
        let reader = Reader { user: None, administrator: false, only: None, admission: Admission::ReadReleases };
        ReleaseKey { project: ProjectRef::Id(self.project.id), tag: tag.to_owned(), reader }
    }

    async fn exists(&self, tag: &str) -> bool {
        self.ports.tags.get(&self.key(tag)).await.unwrap().unwrap().found.unwrap().tag.is_some()
    }
}

async fn populate(ports: &Storage) -> Project {
    let now = Timestamp::UNIX_EPOCH;
    let (username, email) = ("ada".parse().unwrap(), "ada@example.com".parse().unwrap());
    let user = NewUser { username, name: "Ada".to_owned(), email, administrator: false, created_at: now };
    let (scopes, digest) = (vec![Scope::Api], TokenDigest([1; 32]));
    let token = NewToken { name: "t".to_owned(), description: None, scopes, expires_on: None, digest, created_at: now };
    let user = ports.users.create_first(user, token).await.unwrap().unwrap().id;
    let project = NewProject {
        name: "hello".parse().unwrap(),
        path: "hello".parse().unwrap(),
        namespace: ports.projects.namespace(None, user).await.unwrap().unwrap().namespace.id,
        description: None,
        default_branch: BranchName::default(),
        topics: Topics::default(),
        visibility: Visibility::Public,
        releases: ReleasesAccess::Enabled,
        creator: user,
        created_at: now,
    };
    let project = ports.projects.create(project).await.unwrap();
    ports.releases.create(release(&project, "v1.0")).await.unwrap();
    project
}

fn release(project: &Project, tag: &str) -> NewRelease {
    NewRelease {
        project: project.id,
        tag: tag.parse().unwrap(),
        name: None,
        description: None,
        tag_message: None,
        target: None,
        created_at: Timestamp::UNIX_EPOCH,
        released_at: Timestamp::UNIX_EPOCH,
        author: None,
        token: None,
        links: SentLinks::default(),
        if_exists: IfExists::Fail,
    }
}

/// Reads until it is told to stop.
fn read_on(bench: &Bench, stop: &AtomicBool) {
    wait(async {
        while !stop.load(Ordering::Relaxed) {
            assert!(bench.exists("v1.0").await);
        }
    });
}

#[test]
fn a_write_is_seen_by_every_read_that_begins_after_its_answer() {
    let (bench, stop) = (Bench::new(), AtomicBool::new(false));
    let (bench, stop) = (&bench, &stop);
    thread::scope(|scope| {
        // Threads whose snapshots are always in use.
        for _ in 0..2 {
            scope.spawn(|| read_on(bench, stop));
        }
        let (to_readers, readers): (Vec<Sender<String>>, Vec<_>) = (0..3).map(|_| channel()).unzip();
        let (to_writer, answers) = channel();
        for tags in readers {
            let to_writer = to_writer.clone();
            scope.spawn(move || {
                for tag in tags {
                    to_writer.send((wait(bench.exists(&tag)), tag)).unwrap();
                }
            });
        }
        let mut unseen = Vec::new();
        for number in 0..200 {
            let tag = format!("v{number}");
            wait(bench.ports.releases.create(release(&bench.project, &tag))).unwrap();
            for reader in &to_readers {
                reader.send(tag.clone()).unwrap();
            }
            unseen.extend(answers.iter().take(to_readers.len()).filter(|(seen, _)| !seen));
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(unseen, []);
    });
}

const PAGE: u64 = 4_096;

/// Reads and writes without a pause, as much as that.
fn read_and_write_on(bench: &Bench, bytes: u64) {
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let texts = ["x", "y"].map(|letter| letter.repeat(50_000));
    let write = |release: ReleaseId| {
        // Pages that stay the same are not written.
        for text in &texts {
            let changes = ReleaseChanges { description: Change::Set(text.clone()), ..ReleaseChanges::default() };
            wait(bench.ports.releases.update(bench.project.id, release, changes, Precondition::NONE, origin()))
                .unwrap();
            // The release has the new text, and its history this and the one before.
            written.fetch_add(3 * text.len() as u64, Ordering::Relaxed);
        }
    };
    // As many that the next write is always waiting.
    let tags = (0..8).map(|number| release(&bench.project, &format!("v{number}")));
    let releases: Vec<_> = tags.map(|new| wait(bench.ports.releases.create(new)).unwrap().0.id).collect();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| read_on(bench, &stop));
        }
        let (write, written) = (&write, &written);
        let writers = releases.into_iter().map(|release| {
            scope.spawn(move || {
                while written.load(Ordering::Relaxed) < bytes {
                    write(release);
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        for writer in writers {
            writer.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
}

impl Bench {
    fn log(&self) -> u64 {
        self.path.with_extension("db-wal").metadata().unwrap().len()
    }
}

#[test]
fn reads_and_writes_without_a_pause_do_not_keep_the_log_growing() {
    let (bench, limit) = (Bench::new(), u64::from(RESTARTED_FROM.unsigned_abs()) * PAGE);
    read_and_write_on(&bench, 4 * limit);
    assert!(bench.log() < 2 * limit, "the log has {} bytes", bench.log());
}

/// Does with the log what Litestream does, again and again: it keeps a snapshot so that nobody else copies the log, and copies it itself
/// while it has the lock of the writer.
fn copy_as_litestream(path: &Path, stop: &AtomicBool) {
    let connect = || {
        let conn = Connection::open(path).unwrap();
        conn.busy_timeout(Duration::from_secs(1)).unwrap();
        conn.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        conn
    };
    let (snapshot, lock, copying) = (connect(), connect(), connect());
    let keep = || snapshot.execute_batch("BEGIN; SELECT count(*) FROM _litestream_seq");
    keep().unwrap();
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(100));
        if lock.execute_batch("BEGIN; INSERT INTO _litestream_lock VALUES (1)").is_err() {
            lock.execute_batch("ROLLBACK").unwrap();
            continue;
        }
        snapshot.execute_batch("ROLLBACK").unwrap();
        copying.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        keep().unwrap();
        lock.execute_batch("ROLLBACK").unwrap();
        // This begins the log again, if at this moment nobody else has a snapshot.
        let _ = copying.execute_batch("INSERT INTO _litestream_seq VALUES (1)");
    }
}

#[test]
fn reads_and_writes_without_a_pause_leave_litestream_its_turn() {
    let (bench, limit) = (Bench::new(), u64::from(RESTARTED_FROM.unsigned_abs()) * PAGE);
    let stop = AtomicBool::new(false);
    let tables = "CREATE TABLE _litestream_seq (seq INTEGER); CREATE TABLE _litestream_lock (id INTEGER)";
    Connection::open(&bench.path).unwrap().execute_batch(tables).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| copy_as_litestream(&bench.path, &stop));
        read_and_write_on(&bench, 16 * limit);
        stop.store(true, Ordering::Relaxed);
    });
    // Its turn is in vain while a read is not over, which takes long on a machine that has much else to do.
    assert!(bench.log() < 8 * limit, "the log has {} bytes", bench.log());
}
