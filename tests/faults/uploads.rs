//! Uploads that stall, end too early, are longer than they say, or are too many at once: each has its answer, and nothing of those
//! that fail remains.

use std::fs;
use std::io::{BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crate::harness::{Api, Caller, Launch, PATIENCE, Request, Response, Server, Visibility};
use crate::looking::Folder;

/// How many uploads run at once (docs/limits.md).
const AT_ONCE: usize = 32;
/// More than is stored at once, so that a file is begun on disk before all has come.
const BEGUN: usize = 600_000;
const PUBLISHED: &str = r#"{"message":"201 Created"}"#;

/// A server of its own, whose folder is looked into.
struct Ground {
    launch: Launch,
    server: Arc<Server>,
    api: Api,
    developer: Caller,
}

impl Ground {
    fn new() -> Self {
        let launch = Launch::new();
        let server = Arc::new(launch.start());
        let api = Api::on(&server, Visibility::Public);
        let developer = api.developer();
        Self { launch, server, api, developer }
    }

    fn address(&self, name: &str) -> String {
        format!("/api/v4/projects/{}/packages/generic/hello/1/{name}", self.api.project)
    }

    /// Begins to upload a file, with what follows the other headers.
    fn begin(&self, name: &str, rest: &[u8]) -> (Request, TcpStream) {
        let request = self.developer.put(self.address(name));
        let mut connection = TcpStream::connect(self.server.address()).unwrap();
        connection.set_read_timeout(Some(2 * PATIENCE)).unwrap();
        let mut bytes = request.bytes();
        bytes.truncate(bytes.len() - 2);
        connection.write_all(&[&bytes, rest].concat()).unwrap();
        (request, connection)
    }

    /// The files that no row names.
    fn left(&self) -> Vec<PathBuf> {
        let (missing, left) = Folder::beside(&self.launch.database()).compare(&self.launch.database());
        assert_eq!(missing, Vec::<String>::new());
        left
    }

    /// Waits until so many files have no row.
    fn await_left(&self, count: usize) {
        let began = Instant::now();
        while self.left().len() != count {
            assert!(began.elapsed() < PATIENCE, "not {count}: {:?}", self.left());
            thread::yield_now();
        }
    }

    fn is_unknown(&self, name: &str) {
        self.api.anonymous().get(self.address(name)).send().status(404);
    }
}

/// The head of a body of a known length, and some of the body.
fn part(length: usize, sent: usize) -> Vec<u8> {
    [format!("Content-Length: {length}\r\n\r\n").into_bytes(), vec![b'x'; sent]].concat()
}

#[test]
fn uploads_that_stall_are_ended_and_leave_nothing() {
    let ground = Ground::new();
    let chunk = |size: usize| format!("Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{}", "x".repeat(100));
    let stalled: Vec<_> = [part(1000, 0), part(1000, 100), part(2 * BEGUN, BEGUN), chunk(1000).into_bytes()]
        .iter()
        .enumerate()
        .map(|(number, rest)| ground.begin(&format!("file-{number}"), rest))
        .collect();
    ground.await_left(1);
    for (request, connection) in stalled {
        Response::read(&mut BufReader::new(connection), &request).is(408, r#"{"error":"408 Request Timeout"}"#);
    }
    ground.await_left(0);
    (0..4).for_each(|number| ground.is_unknown(&format!("file-{number}")));
}

#[test]
fn uploads_that_break_off_leave_nothing_wherever_they_do() {
    let ground = Ground::new();
    for (number, sent) in [0, 1, 100_000, BEGUN, 2 * BEGUN - 1].into_iter().enumerate() {
        let name = format!("file-{number}");
        // One says that it ends, the other is gone.
        let (_, mut ended) = ground.begin(&name, &part(2 * BEGUN, sent));
        let (_, gone) = ground.begin(&name, &part(2 * BEGUN, sent));
        drop(gone);
        ended.shutdown(Shutdown::Write).unwrap();
        ended.read_to_end(&mut Vec::new()).unwrap();
        ground.await_left(0);
        ground.is_unknown(&name);
    }
}

#[test]
fn what_follows_the_length_that_was_told_is_no_part_of_the_file() {
    let ground = Ground::new();
    let (request, mut connection) = ground.begin("file", &part(3, 10));
    connection.write_all(b"\r\n\r\n").unwrap();
    let mut answers = BufReader::new(connection);
    Response::read(&mut answers, &request).is(201, PUBLISHED);
    // The rest is taken for another request.
    let mut rest = String::new();
    answers.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 400 "), "{rest}");
    assert_eq!(ground.api.anonymous().get(ground.address("file")).send().status(200).text, "xxx");
    assert_eq!(ground.left(), Vec::<PathBuf>::new());
}

#[test]
fn an_upload_beyond_those_that_may_run_waits_until_one_ends() {
    let ground = Ground::new();
    let mut running: Vec<_> =
        (0..AT_ONCE).map(|number| ground.begin(&format!("file-{number}"), &part(2 * BEGUN, BEGUN))).collect();
    ground.await_left(AT_ONCE);
    let (request, mut waiting) = ground.begin("waiting", &part(3, 3));
    // Others are served meanwhile.
    for _ in 0..20 {
        ground.api.anonymous().get("/-/liveness").send().status(200);
    }
    waiting.set_nonblocking(true).unwrap();
    assert_eq!(waiting.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    waiting.set_nonblocking(false).unwrap();
    ground.is_unknown("waiting");
    assert_eq!(ground.left().len(), AT_ONCE);

    // One is given up.
    drop(running.pop());
    Response::read(&mut BufReader::new(waiting), &request).is(201, PUBLISHED);
    for (request, mut connection) in running {
        connection.write_all(&vec![b'x'; BEGUN]).unwrap();
        Response::read(&mut BufReader::new(connection), &request).is(201, PUBLISHED);
    }
    ground.await_left(0);
    // All but the last were equal.
    let folder = ground.launch.database().with_file_name("files");
    let files = fs::read_dir(folder).unwrap().flat_map(|entry| fs::read_dir(entry.unwrap().path()).unwrap());
    let files = files.filter(|file| file.as_ref().unwrap().file_name() != "mark");
    assert_eq!(files.count(), 2);
}
