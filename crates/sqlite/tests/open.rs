//! Which files are opened, and the errors for the others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::thread;

use release_links_sqlite::{OpenError, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

#[test]
fn several_servers_may_start_on_a_new_database_at_once() {
    // Which of them waits for which is a matter of luck, so one database shows little.
    for _ in 0..20 {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("store.db");
        let open = || SqliteStore::open(&path).map(|store| store.close());
        thread::scope(|scope| {
            let servers: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            for server in servers {
                server.join().unwrap().unwrap();
            }
        });
    }
}

/// Returns the error of opening a file with this content.
fn refusal(content: impl FnOnce(&Path)) -> OpenError {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.db");
    content(&path);
    let before = fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).err().unwrap();
    assert_eq!(fs::read(&path).unwrap(), before, "a file that is refused stays as it is");
    refused
}

#[test]
fn a_file_that_is_not_a_database_is_refused() {
    let refused = refusal(|path| fs::write(path, "just a text, long enough to have a header".repeat(99)).unwrap());
    assert!(matches!(refused, OpenError::NotADatabase { .. }), "{refused:?}");
    assert!(refused.to_string().ends_with("store.db is not a SQLite database"), "{refused}");
}

#[test]
fn the_database_of_another_program_is_refused() {
    let refused = refusal(|path| Connection::open(path).unwrap().execute_batch("CREATE TABLE users (id)").unwrap());
    assert!(matches!(refused, OpenError::NotOurs { .. }), "{refused:?}");
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let refused = refusal(|path| {
        SqliteStore::open(path).unwrap().close();
        Connection::open(path).unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
    });
    assert!(matches!(refused, OpenError::Newer { found: 1000, .. }), "{refused:?}");
    assert!(refused.to_string().contains("newer version of release-links"), "{refused}");
}

#[test]
fn a_path_that_cannot_be_a_file_is_refused() {
    let directory = TempDir::new().unwrap();
    let refused = SqliteStore::open(directory.path()).err().unwrap();
    assert!(matches!(refused, OpenError::Unusable { .. }), "{refused:?}");
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = SqliteStore::open(&file.join("below/store.db")).err().unwrap();
    assert!(matches!(refused, OpenError::Directory { .. }), "{refused:?}");
}
