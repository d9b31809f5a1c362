//! docs/contract.md, "Starting the server": shutdown. Acknowledged writes are kept, complete requests are answered, and nobody can delay it.

use std::io::{BufRead, BufReader, ErrorKind, PipeReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Api, Launch, PATIENCE, ROOT_TOKEN, Request, Response, Server, Visibility};

/// A connection that the server has taken: it has answered a request on it.
fn taken_connection(server: &Server) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(server.address()).unwrap());
    stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    let request = Request::new(server.address(), "GET", "/-/health");
    stream.get_mut().write_all(&request.bytes()).unwrap();
    Response::read(&mut stream, &request).status(200);
    stream
}

#[test]
fn either_signal_ends_it_with_code_0() {
    for signal in ["TERM", "INT"] {
        let server = Launch::new().start();
        server.signal(signal);
        assert_eq!(server.exit_within(PATIENCE), Some(0), "{signal}: {}", server.stderr());
        assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    }
}

#[test]
fn a_hangup_does_not_end_it() {
    let server = Launch::new().start();
    server.signal("HUP");
    server.await_on_stderr("SIGHUP has no effect");
    Request::new(server.address(), "GET", "/-/readiness").send().status(200);
    server.stop();
}

#[test]
fn it_serves_until_a_signal_comes_however_little_is_logged() {
    let server = Launch::new().env("RELEASE_LINKS_LOG", "error").start();
    // On a signal it stops listening within a second.
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        Request::new(server.address(), "GET", "/-/health").send().status(200);
    }
    server.stop();
}

#[test]
fn it_answers_and_ends_although_nobody_reads_its_log() {
    let server = Launch::new().with_unread_log().start();
    for _ in 0..3 {
        Request::new(server.address(), "GET", "/api/v4/nothing").send().status(404);
    }
    server.signal("TERM");
    assert_eq!(server.exit_within(PATIENCE), Some(0));
}

/// A server whose log nobody has read for more lines than it keeps, the other end of its log, and how many requests it has had.
fn with_stuck_log() -> (Server, PipeReader, usize) {
    let (log, writer) = std::io::pipe().unwrap();
    let server = Launch::new().with_log_into(writer).start();
    // Together more than a pipe and the log hold.
    let (requests, path) = (500, "x".repeat(8_000));
    for _ in 0..requests {
        Request::new(server.address(), "GET", format!("/api/v4/nothing/{path}")).send().status(404);
    }
    (server, log, requests)
}

#[test]
fn it_answers_and_ends_although_its_log_is_a_pipe_that_nobody_reads() {
    let (server, log, _) = with_stuck_log();
    server.signal("TERM");
    assert_eq!(server.exit_within(PATIENCE), Some(0));
    drop(log);
}

#[test]
fn lines_that_nobody_read_in_time_are_counted_in_the_log() {
    let (server, mut log, requests) = with_stuck_log();
    let reading = thread::spawn(move || {
        let mut said = String::new();
        log.read_to_string(&mut said).unwrap();
        said
    });
    server.stop();
    let said = reading.join().unwrap();
    let told = said.lines().filter(|line| line.contains("/api/v4/nothing/")).count();
    let dropped = said.lines().filter_map(|line| line.split_once("lines of the log were dropped"));
    let dropped: Vec<usize> = dropped.map(|(_, rest)| rest.rsplit_once("lines=").unwrap().1.parse().unwrap()).collect();
    assert!(dropped.len() == 1 && dropped[0] > 0, "{dropped:?}");
    assert_eq!(told + dropped[0], requests);
}

/// Whether the server has closed the connection without a word.
fn is_closed(stream: &mut BufReader<TcpStream>) -> bool {
    match stream.fill_buf() {
        Ok(bytes) => bytes.is_empty(),
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_signal_closes_idle_connections() {
    let server = Launch::new().start();
    let mut idle: Vec<_> = (0..20).map(|_| taken_connection(&server)).collect();
    server.signal("TERM");
    assert!(idle.iter_mut().all(is_closed));
    assert_eq!(server.exit_within(PATIENCE), Some(0), "{}", server.stderr());
}

#[test]
fn a_connection_that_the_system_has_set_up_before_the_end_is_answered() {
    let server = Launch::new().arg("--drain").arg("0").start();
    // Meanwhile the system alone sets connections up.
    server.signal("STOP");
    let request = Request::new(server.address(), "GET", "/-/health");
    let mut waiting: Vec<_> = (0..100).map(|_| BufReader::new(TcpStream::connect(server.address()).unwrap())).collect();
    for stream in &mut waiting {
        stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        stream.get_mut().write_all(&request.bytes()).unwrap();
    }
    server.signal("TERM");
    server.signal("CONT");
    let cut_off = waiting.iter_mut().map(is_closed).filter(|closed| *closed).count();
    assert_eq!(cut_off, 0, "of {}", waiting.len());
    for stream in &mut waiting {
        Response::read(stream, &request).status(200);
    }
    assert_eq!(server.exit_within(PATIENCE), Some(0), "{}", server.stderr());
}

#[test]
fn after_a_signal_it_serves_on_for_a_while_and_asks_every_client_to_go_elsewhere() {
    let server = Launch::new().arg("--drain").arg("3600").start();
    let ask = |stream: &mut BufReader<TcpStream>, request: &Request| {
        stream.get_mut().write_all(&request.bytes()).unwrap();
        let answer = Response::read(stream, request);
        (answer.header("connection").map(str::to_owned), answer)
    };
    let closing = Some("close".to_owned());
    let readiness = Request::new(server.address(), "GET", "/-/readiness");
    let mut open: Vec<_> = (0..2).map(|_| taken_connection(&server)).collect();
    assert_eq!(ask(&mut open[0], &readiness).0, None);
    server.signal("TERM");
    server.await_on_stderr("stopping");

    let (connection, unready) = ask(&mut open[0], &readiness);
    unready.is(503, r#"{"message":"503 Service Unavailable"}"#);
    assert_eq!((connection.as_ref(), unready.header("retry-after")), (closing.as_ref(), Some("1")));
    open.push(BufReader::new(TcpStream::connect(server.address()).unwrap()));
    for (number, stream) in open[1..].iter_mut().enumerate() {
        let made = Request::new(server.address(), "POST", "/api/v4/projects").header("PRIVATE-TOKEN", ROOT_TOKEN);
        let (connection, made) = ask(stream, &made.json(json!({ "name": format!("late-{number}") })));
        made.status(201);
        assert_eq!(connection, closing);
    }
    assert!(open.iter_mut().all(is_closed));

    server.signal("TERM");
    assert_eq!(server.exit_within(PATIENCE), Some(0), "{}", server.stderr());
}

#[test]
fn a_request_that_was_sent_to_its_last_byte_is_answered() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let links: Vec<Value> = (0..1_000).map(|n| json!({ "name": n, "url": format!("http://{n}") })).collect();
    let large = api.admin().post(api.releases()).json(json!({ "tag_name": "large", "assets": { "links": links } }));
    let small = (0..20).map(|n| api.admin().post(api.links()).json(json!({ "name": n, "url": format!("http://{n}") })));
    let requests: Vec<Request> = small.chain([large]).collect();
    let mut connections: Vec<_> = requests.iter().map(|_| taken_connection(&server)).collect();
    for (stream, request) in connections.iter_mut().zip(&requests) {
        stream.get_mut().write_all(&request.bytes()).unwrap();
    }
    server.signal("TERM");
    let silent = connections.iter_mut().map(|stream| stream.fill_buf().map_or(true, <[u8]>::is_empty));
    let silent: Vec<usize> = silent.enumerate().filter_map(|(number, silent)| silent.then_some(number)).collect();
    assert_eq!(silent, Vec::<usize>::new(), "closed without an answer, of {}", connections.len());
    for (stream, request) in connections.iter_mut().zip(&requests) {
        Response::read(stream, request).status(201);
    }
    assert_eq!(server.exit_within(PATIENCE), Some(0), "{}", server.stderr());

    let again = launch.start();
    let total = |tag: &str| {
        let answer = Request::new(again.address(), "GET", api.links_of(tag)).send().status(200);
        answer.header("x-total").map(str::to_owned)
    };
    assert_eq!((total("v1.7.0").as_deref(), total("large").as_deref()), (Some("20"), Some("1000")));
}
