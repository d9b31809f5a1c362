//! `release-links backup` and `restore`: copying a database in use, and restoring it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::harness::{Api, Ended, Launch, PATIENCE, ROOT_TOKEN, Request, Visibility};

const BINARY: &str = env!("CARGO_BIN_EXE_release-links");

fn run(launch: &Launch, command: &str, copy: &Path) -> Ended {
    launch.clone().bare().arg(command).arg(copy).arg("--database").arg(launch.database_url()).run()
}

#[track_caller]
fn done(ended: &Ended) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
}

#[track_caller]
fn refused(ended: &Ended, reason: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains(reason) && !ended.stderr.contains("panicked"), "no {reason:?} in {ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

/// A database that a server has made and left.
fn settled() -> Launch {
    let launch = Launch::new();
    launch.start().stop();
    launch
}

/// What stands in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

/// Ends the writers also when a test fails, which would else wait for them for ever.
struct EndWriters<'a>(&'a AtomicBool);

impl Drop for EndWriters<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn every_link_acknowledged_before_a_backup_began_is_in_the_copy_and_is_served_from_it() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let (next, acknowledged, grown) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Condvar::new());
    let over = AtomicBool::new(false);
    let copy = launch.directory().join("copy.db");
    let before = thread::scope(|scope| {
        let _end = EndWriters(&over);
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let name = next.fetch_add(1, Ordering::Relaxed);
                    let id = api.add(&name.to_string(), &format!("http://{name}"));
                    acknowledged.lock().unwrap().push(id);
                    grown.notify_all();
                }
            });
        }
        let few = |ids: &mut Vec<u64>| ids.len() < 100;
        let before = grown.wait_timeout_while(acknowledged.lock().unwrap(), PATIENCE, few).unwrap().0.clone();
        done(&run(&launch, "backup", &copy));
        before
    });
    assert!(before.len() >= 100, "{} links in {PATIENCE:?}", before.len());
    server.stop();

    let elsewhere = Launch::new();
    done(&run(&elsewhere, "restore", &copy));
    assert_eq!(names(elsewhere.directory()), ["release-links.db"]);
    let again = elsewhere.start();
    for id in before {
        Request::new(again.address(), "GET", api.link(id)).header("PRIVATE-TOKEN", ROOT_TOKEN).send().status(200);
    }
}

#[test]
fn a_copy_is_one_file_that_nobody_else_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let launch = settled();
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy.db");
    let ended = run(&launch, "backup", &copy);
    done(&ended);
    let metadata = fs::metadata(&copy).unwrap();
    let expected =
        format!("copied {} to {}: {} bytes, checked\n", launch.database().display(), copy.display(), metadata.len());
    assert_eq!(ended.stdout, expected);
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(names(copies.path()), ["copy.db"]);
    assert_eq!(names(launch.directory()), ["release-links.db"]);
}

#[test]
fn neither_a_copy_nor_a_database_is_overwritten() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    for (command, taken) in [("backup", copy.clone()), ("restore", launch.database())] {
        let before = fs::read(&taken).unwrap();
        refused(&run(&launch, command, &copy), &format!("{} exists already and is not overwritten", taken.display()));
        assert!(fs::read(&taken).unwrap() == before, "{command}");
    }
}

#[test]
fn the_log_of_a_database_that_is_gone_is_not_mixed_into_a_restored_one() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    let log = launch.directory().join("release-links.db-wal");
    fs::rename(launch.database(), &log).unwrap();
    refused(&run(&launch, "restore", &copy), &format!("{} is left of a database", log.display()));
    assert!(!launch.database().exists());
}

#[test]
fn a_damaged_copy_is_refused_and_no_database_is_made_of_it() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    let whole = fs::read(&copy).unwrap();
    let mut scratched = whole.clone();
    // A page of the links: a damaged schema would be told of earlier, as a file that cannot be opened.
    let conn = rusqlite::Connection::open(&copy).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'links'";
    let page: usize = conn.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap().try_into().unwrap();
    drop(conn);
    scratched[(page - 1) * 4096..][..4096].fill(0xff);
    let cut = whole[..whole.len() / 2].to_vec();
    fs::remove_file(launch.database()).unwrap();
    for (bytes, reason) in [
        (scratched, "copy.db is damaged"),
        (cut, "copy.db: database disk image is malformed"),
        (b"a text, and no database".repeat(99), "copy.db is not a SQLite database"),
        (Vec::new(), "copy.db is empty"),
    ] {
        fs::write(&copy, bytes).unwrap();
        refused(&run(&launch, "restore", &copy), reason);
        assert_eq!(names(launch.directory()), ["copy.db"], "{reason}");
    }
    refused(&run(&launch, "restore", &launch.directory().join("none.db")), "there is no database");
}

#[test]
fn the_copy_of_a_newer_versions_database_is_refused() {
    let launch = settled();
    let copy = launch.directory().join("copy.db");
    done(&run(&launch, "backup", &copy));
    rusqlite::Connection::open(&copy).unwrap().execute_batch("PRAGMA user_version = 9999").unwrap();
    fs::remove_file(launch.database()).unwrap();
    refused(&run(&launch, "restore", &copy), "newer version of release-links");
    assert_eq!(names(launch.directory()), ["copy.db"]);
}

/// Runs the binary below a shell, which prepares what it runs in.
fn below(shell: &str, launch: &Launch, copy: &Path) -> Output {
    let mut command = Command::new("sh");
    command.arg("-c").arg(shell).arg(BINARY).arg("backup").arg(copy).arg("--database").arg(launch.database_url());
    command.current_dir(launch.directory()).output().unwrap()
}

#[test]
fn a_target_that_cannot_take_the_copy_is_left_empty() {
    let launch = settled();
    let copies = tempfile::tempdir().unwrap();
    // No file may grow beyond 32 KiB, and the process is told so instead of being killed.
    let full = "ulimit -f 64; trap '' XFSZ; exec \"$0\" \"$@\"";
    let output = below(full, &launch, &copies.path().join("copy.db"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.contains("copy.db"), "{stderr}");
    assert_eq!(names(copies.path()), Vec::<String>::new());
    refused(&run(&launch, "backup", &copies.path().join("missing/copy.db")), "cannot write");
    assert_eq!(names(copies.path()), Vec::<String>::new());
}

#[test]
fn a_bar_is_shown_on_a_terminal_only() {
    let launch = settled();
    let on_a_terminal = "exec script --quiet --return --command \"$*\" /dev/null";
    let on_a_terminal = format!("set -- \"$0\" \"$@\"; {on_a_terminal}");
    let output = below(&on_a_terminal, &launch, &launch.directory().join("first.db"));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("copying [") && shown.contains("checking") && shown.contains("copied"), "{shown}");
    let ended = run(&launch, "backup", &launch.directory().join("second.db"));
    done(&ended);
    assert!(!ended.stdout.contains("copying") && !ended.stdout.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn databases_of_other_kinds_are_refused_with_what_to_use_instead() {
    let launch = settled();
    for command in ["backup", "restore"] {
        let launch = launch.clone().bare().arg(command).arg("copy.db").arg("--database");
        refused(&launch.clone().arg("postgres://127.0.0.1/x").run(), "pg_dump");
        refused(&launch.arg("mysql://127.0.0.1/x").run(), "must be sqlite:PATH or postgres://");
    }
}
