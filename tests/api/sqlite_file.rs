//! The SQLite file: what may be in its place, and what is refused there. Left out when the tests run on another database.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::harness::{Api, Launch, Visibility, at_once, most_memory};
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
fn a_log_that_another_process_keeps_at_the_stop_is_told() {
    let launch = Launch::new();
    let server = launch.start();
    let other = rusqlite::Connection::open(launch.database()).unwrap();
    other.execute_batch("BEGIN").unwrap();
    other.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0)).unwrap();
    server.stop();
    let told = "WARN another process uses the database, so its write-ahead log stays beside it";
    assert_eq!(server.stderr().matches(told).count(), 1, "{}", server.stderr());
    assert!(launch.directory().join("release-links.db-wal").is_file());
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

/// The names in a directory, and what others than the owner may not be able to do with each.
fn modes(directory: &Path) -> Vec<(String, u32)> {
    let mut modes: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().permissions().mode() & 0o777))
        .collect();
    modes.sort();
    modes
}

fn names(directory: &Path) -> Vec<String> {
    modes(directory).into_iter().map(|(name, _)| name).collect()
}

/// A command on `sqlite:` and a path, in a directory of its own and with that umask.
fn under_umask(launch: &Launch, umask: &str, words: &[&str]) -> Launch {
    let tool = ["sh".to_owned(), "-c".to_owned(), format!("umask {umask}; exec \"$@\""), "sh".to_owned()];
    words.iter().fold(launch.clone().bare().under(tool), |launch, word| launch.arg(*word))
}

#[test]
fn everything_that_is_made_is_for_its_owner_alone_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let launch = Launch::new();
        let directory = launch.directory();
        let serving = ["serve", "--listen", "127.0.0.1:0", "--database", "sqlite:new/a.db"];
        let server = under_umask(&launch, umask, &serving).start();
        let made = modes(&directory.join("new"));
        assert_eq!(
            made,
            ["a.db", "a.db-shm", "a.db-wal", "a.db.root-token"].map(|name| (name.to_owned(), 0o600)),
            "{umask}"
        );
        server.stop();
        for words in [
            &["backup", "new/copy.db", "--database", "sqlite:new/a.db"][..],
            &["restore", "new/copy.db", "--database", "sqlite:new/restored/b.db"],
            &["copy", "--from", "sqlite:new/a.db", "--to", "sqlite:new/copied/c.db"],
        ] {
            let ended = under_umask(&launch, umask, words).run();
            assert_eq!(ended.code, Some(0), "{umask} {ended:?}");
        }
        let expected =
            [("a.db", 0o600), ("a.db.root-token", 0o600), ("copied", 0o700), ("copy.db", 0o600), ("restored", 0o700)];
        assert_eq!(modes(&directory.join("new")), expected.map(|(name, mode)| (name.to_owned(), mode)), "{umask}");
        for made in ["new/copied/c.db", "new/restored/b.db", "new"] {
            let bits = fs::metadata(directory.join(made)).unwrap().permissions().mode() & 0o077;
            assert_eq!(bits, 0, "{umask} {made}");
        }
    }
}

#[test]
fn a_database_that_everybody_may_read_stays_so_and_is_told() {
    let launch = Launch::new();
    launch.start().stop();
    for (mode, told) in [(0o600, false), (0o640, false), (0o644, true)] {
        fs::set_permissions(launch.database(), fs::Permissions::from_mode(mode)).unwrap();
        let server = launch.start();
        assert_eq!(
            fs::metadata(launch.directory().join("release-links.db-wal")).unwrap().permissions().mode() & 0o777,
            mode
        );
        server.stop();
        assert_eq!(server.stderr().contains("everybody on this machine may read the database"), told, "{mode:o}");
        assert_eq!(fs::metadata(launch.database()).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[test]
fn a_path_is_a_path_whatever_it_looks_like() {
    let launch = Launch::new();
    let command = |words: &[&str]| words.iter().fold(launch.clone().bare(), |launch, word| launch.arg(*word));
    let done = |words: &[&str]| {
        let ended = command(words).run();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    };
    let mut made = Vec::new();
    for name in ["file:a.db", ":memory:", "file::memory:"] {
        let url = format!("sqlite:{name}");
        command(&["serve", "--listen", "127.0.0.1:0", "--database", &url]).start().stop();
        let (copy, restored, copied) = (format!("{name}copy"), format!("{name}restored"), format!("{name}copied"));
        done(&["backup", &copy, "--database", &url]);
        done(&["restore", &copy, "--database", &format!("sqlite:{restored}")]);
        done(&["copy", "--from", &url, "--to", &format!("sqlite:{copied}")]);
        made.extend([name.to_owned(), format!("{name}.root-token"), copy, restored, copied]);
    }
    made.sort();
    assert_eq!(names(launch.directory()), made);
}

#[test]
fn parameters_are_dropped_before_a_write_waits_for_its_turn() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let caller = api.developer();
    // Each takes some ten mebibytes once it is parsed.
    let request = |n: u32| {
        let objects = vec![r#"{"":{}}"#; 9_990].join(",");
        let draft = format!(r#"{{"name":"{n}","url":"http://{n}","x":[{objects}]}}"#);
        caller.post(api.links()).json(draft)
    };
    request(0).send().status(201);
    let before = most_memory(server.pid());
    let lock = rusqlite::Connection::open(launch.database()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answers = at_once((1..=32).map(request).collect());
    assert!(answers.iter().all(|answer| answer.status == 503), "each waited for the lock");
    let request = request(33).header("Origin", "https://pages.example.com");
    assert_eq!(request.send().status(503).header("access-control-allow-origin"), Some("*"));
    let after = most_memory(server.pid());
    assert!(after - before < 100, "{before} MiB before, {after} MiB after");
    drop(lock);
    api.create(&json!({ "name": "after", "url": "http://after" })).status(201);
}
