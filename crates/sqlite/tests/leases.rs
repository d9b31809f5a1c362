//! Reads keep their snapshots for a moment (decision record 0008): they see what was written all the same, and do not keep
//! the log from starting again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use jiff::Timestamp;
use release_links_contract::Storage;
use release_links_domain::ReleaseId;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::link::Change;
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::release::{ReleaseChanges, SentLinks};
use release_links_domain::token::Scope;
use release_links_ports::{IfExists, NewProject, NewRelease, NewToken, NewUser, Precondition, ReleaseKey, TokenDigest};
use release_links_sqlite::SqliteStore;
use release_links_sqlite::limits::RESTARTED_FROM;
use tempfile::TempDir;

/// A store with a public project that has a release.
struct Bench {
    ports: Storage,
    path: PathBuf,
    project: Project,
    _directory: TempDir,
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

#[test]
fn reads_and_writes_without_a_pause_do_not_keep_the_log_growing() {
    const PAGE: u64 = 4_096;
    let (bench, stop, written) = (Bench::new(), AtomicBool::new(false), AtomicU64::new(0));
    let (limit, texts) =
        (u64::from(RESTARTED_FROM.unsigned_abs()) * PAGE, ["x", "y"].map(|letter| letter.repeat(50_000)));
    let write = |release: ReleaseId| {
        // Pages that stay the same are not written.
        for text in &texts {
            let changes = ReleaseChanges { description: Change::Set(text.clone()), ..ReleaseChanges::default() };
            wait(bench.ports.releases.update(bench.project.id, release, changes, Precondition::NONE)).unwrap();
            written.fetch_add(text.len() as u64, Ordering::Relaxed);
        }
    };
    // As many that the next write is always waiting.
    let tags = (0..8).map(|number| release(&bench.project, &format!("v{number}")));
    let releases: Vec<_> = tags.map(|new| wait(bench.ports.releases.create(new)).unwrap().0.id).collect();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| read_on(&bench, &stop));
        }
        let (write, written) = (&write, &written);
        let writers = releases.into_iter().map(|release| {
            scope.spawn(move || {
                while written.load(Ordering::Relaxed) < 4 * limit {
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
    let log = bench.path.with_extension("db-wal").metadata().unwrap().len();
    assert!(log < 2 * limit, "the log has {log} bytes");
}
