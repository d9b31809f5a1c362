//! Another process holds the database's lock: writes are told to retry, reads and health continue.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Request, Response, Server, Visibility};

/// Sends a request whose answer is to be read later.
fn asked(request: &Request, server: &Server) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&request.bytes()).unwrap();
    BufReader::new(stream)
}

/// Asserts that an answer says to come back later, and nothing of why.
#[track_caller]
fn says_later(answer: &Response) {
    answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn while_another_process_holds_the_lock_writes_are_refused_and_reads_go_on() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let kept = api.add("kept", "http://kept");
    let root = api.admin();
    let other = Connection::open(launch.database()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();

    let draft = json!({ "name": "new", "url": "http://new" });
    let published = json!({ "tag_name": "v2", "assets": { "links": [draft] } });
    let writes = [
        root.post(api.links()).json(&draft),
        root.put(api.link(kept)).json(&draft),
        root.delete(api.link(kept)),
        root.post(api.releases()).json(published),
    ];
    let before = api.snapshot();
    let mut waiting: Vec<_> = writes.iter().map(|request| asked(request, &server)).collect();
    for target in ["/-/health", "/-/liveness", "/-/readiness", &api.links(), &api.link(kept), &api.releases()] {
        root.get(target).send().status(200);
    }
    for (stream, request) in waiting.iter_mut().zip(&writes) {
        says_later(&Response::read(stream, request));
    }
    assert_eq!(api.snapshot(), before);

    other.execute_batch("ROLLBACK").unwrap();
    for (request, status) in writes.into_iter().zip([201, 400, 200, 201]) {
        request.send().status(status);
    }
}

#[test]
fn a_lock_that_is_not_given_up_does_not_keep_it_from_stopping() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let other = Connection::open(launch.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let request = api.admin().post(api.links()).form("name=a&url=http://a");
    let mut waiting = asked(&request, &server);
    server.signal("TERM");
    says_later(&Response::read(&mut waiting, &request));
    assert_eq!(server.exit_within(PATIENCE), Some(0), "{}", server.stderr());
}
