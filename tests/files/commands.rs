//! The real binary with its files on S3: what is backed up from a bucket, brought back to it, copied and checked. `tests/run files`
//! starts the server that `AWS_ENDPOINT_URL` names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

#[path = "../api/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the harness of the black-box tests has more than these need")]
mod harness;

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use harness::{Api, Ended, Launch, Request, Server, Visibility};

/// Creates a bucket.
fn create(bucket: &str) {
    let endpoint = env::var("AWS_ENDPOINT_URL").unwrap();
    let host = endpoint.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).unwrap();
    write!(connection, "PUT /{bucket} HTTP/1.0\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
}

/// A server whose files are in a place, and which has three: of several parts, of one, and an empty one.
fn with_files(place: &str) -> (Launch, Arc<Server>, Api) {
    let launch = Launch::new();
    let server = Arc::new(launch.clone().arg("--files").arg(place).start());
    let api = Api::on(&server, Visibility::Public);
    for (name, bytes) in files() {
        api.developer().put(address(&api, name)).body(bytes).send().status(201);
    }
    (launch, server, api)
}

fn files() -> [(&'static str, Vec<u8>); 3] {
    let large = (0..2_000_000_u32).flat_map(u32::to_be_bytes).map(|byte| byte & 0x7f).collect();
    [("large", large), ("small", b"small".to_vec()), ("empty", Vec::new())]
}

fn address(api: &Api, name: &str) -> String {
    format!("/api/v4/projects/{}/packages/generic/hello/1.2.3/{name}", api.project)
}

/// Runs a command on a database and a place for files.
fn run(launch: &Launch, arguments: &[&str], place: &str) -> Ended {
    let command = arguments.iter().fold(launch.clone().bare(), |launch, argument| launch.arg(*argument));
    command.arg("--database").arg(launch.database_url()).arg("--files").arg(place).run()
}

/// Asserts that a command has succeeded, and that the last line which it printed begins so.
#[track_caller]
fn told(ended: &Ended, begin: &str) {
    let last = ended.stdout.lines().last().unwrap_or_default();
    assert!(ended.code == Some(0) && last.starts_with(begin), "{begin}: {ended:?}");
}

#[test]
fn files_go_from_one_bucket_into_a_backup_and_from_there_into_another_which_serves_them() {
    create("first");
    create("second");
    let (launch, server, api) = with_files("s3://first/some/files");
    let copy = launch.directory().join("copy.db");
    let copy = copy.to_str().unwrap();
    told(&run(&launch, &["backup", copy], "s3://first/some/files"), "copied 3 files of 8000005 bytes to file:");
    server.stop();
    let elsewhere = Launch::new();
    let restored = run(&elsewhere, &["restore", copy], "s3://second/files");
    told(&restored, "copied 3 files of 8000005 bytes to s3://second/files, where 0 more were already");
    let again = elsewhere.clone().arg("--files").arg("s3://second/files").start();
    for (name, bytes) in files() {
        let answer = Request::new(again.address(), "GET", address(&api, name)).send().status(200);
        assert!(answer.text.as_bytes() == bytes, "{name}");
    }
    again.stop();
    // Whoever still has the bucket needs nothing but the database.
    fs::remove_dir_all(format!("{copy}.files")).unwrap();
    let restored = run(&Launch::new(), &["restore", copy], "s3://first/some/files");
    told(&restored, "copied 0 files of 0 bytes to s3://first/some/files, where 3 more were already");
}

#[test]
fn a_bucket_is_checked() {
    create("checked");
    let (launch, _server, api) = with_files("s3://checked");
    let check = |place: &str| run(&launch, &["files", "check"], place);
    told(&check("s3://checked"), "checked 3 files of 8000005 bytes in s3://checked/: 0 damaged, 0 unused");
    let missing = check("s3://checked/elsewhere");
    assert_eq!((missing.code, missing.stdout.lines().count()), (Some(1), 4), "{missing:?}");
    let whose = format!(" of 5 bytes ({}: packages/hello/1.2.3/small): ", api.path);
    assert!(missing.stdout.lines().any(|line| line.starts_with("missing ") && line.contains(&whose)), "{missing:?}");
    let none = check("s3://no-such-bucket");
    assert!(none.code == Some(1) && none.stderr.contains("cannot list files"), "{none:?}");
}

#[test]
fn files_are_copied_from_a_bucket_into_a_folder() {
    create("source");
    let (launch, server, _api) = with_files("s3://source/x");
    server.stop();
    let target = Launch::new();
    let place = format!("file:{}", target.directory().join("files").display());
    let command = Launch::new().bare().arg("copy").arg("--from").arg(launch.database_url()).arg("--to");
    let command = command.arg(target.database_url()).arg("--from-files").arg("s3://source/x");
    told(&command.arg("--to-files").arg(&place).run(), &format!("copied 3 files of 8000005 bytes to {place}, "));
    told(&run(&target, &["files", "check"], &place), "checked 3 files of 8000005 bytes");
}
