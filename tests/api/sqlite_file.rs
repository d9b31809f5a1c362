//! Storage in a file: what stands in its place, and what is refused there. Left out when the tests run on another database.

use std::io::{Read, Seek, SeekFrom, Write};

use crate::harness::Launch;
use crate::starting::refused;
use crate::token_commands;

/// Where the file keeps `PRAGMA user_version`.
const USER_VERSION: u64 = 60;

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let launch = Launch::new();
    let text = "this is a diary, and no database\n".repeat(500);
    std::fs::write(launch.database(), &text).unwrap();
    refused(&launch.run(), "database");
    assert_eq!(std::fs::read_to_string(launch.database()).unwrap(), text);
}

#[test]
fn a_database_made_by_a_newer_version_is_refused_and_left_as_it_was() {
    let launch = Launch::new();
    launch.start().stop();
    let mut file = std::fs::File::options().read(true).write(true).open(launch.database()).unwrap();
    file.seek(SeekFrom::Start(USER_VERSION)).unwrap();
    file.write_all(&9_999_u32.to_be_bytes()).unwrap();
    refused(&launch.run(), "newer");
    let mut version = [0; 4];
    file.seek(SeekFrom::Start(USER_VERSION)).unwrap();
    file.read_exact(&mut version).unwrap();
    assert_eq!(u32::from_be_bytes(version), 9_999);
}

#[test]
fn a_database_in_a_place_that_cannot_be_written_is_refused() {
    let launch = Launch::new();
    let file = launch.directory().join("file");
    std::fs::write(&file, "").unwrap();
    let database = format!("sqlite:{}/release-links.db", file.display());
    let launch = launch.bare().arg("serve").arg("--listen").arg("127.0.0.1:0").arg("--database").arg(database);
    refused(&launch.run(), &file.display().to_string().to_lowercase());
}

#[test]
fn its_log_stands_beside_it_while_it_is_served_and_not_after() {
    let launch = Launch::new();
    let log = launch.directory().join("release-links.db-wal");
    let server = launch.start();
    assert!(log.is_file());
    server.stop();
    assert!(launch.database().is_file() && !log.exists());
}

#[test]
fn a_command_on_tokens_makes_no_database() {
    let launch = Launch::new();
    token_commands::refused(&launch, &["create", "--user", "root", "--scopes", "api"], "there is no database");
    assert!(!launch.database().exists());
}
