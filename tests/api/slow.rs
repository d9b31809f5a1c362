//! Clients that never finish a request or an answer: the server disconnects them, and others do not notice.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Api, Launch, Request, Visibility, is_waiting};

/// Beyond this the server is said to keep a half-sent request for ever.
const BOUND: Duration = Duration::from_secs(25);

/// How often a trickling client sends its next byte.
const DRIP: Duration = Duration::from_millis(200);

fn half_sent_requests(api: &Api) -> Vec<Vec<u8>> {
    let form = api.admin().post(api.links()).form("name=a&url=http://a");
    let multipart = api.admin().post(api.links()).multipart(&[("name", "a"), ("url", "http://a")]);
    let chunked = form.clone().chunked();
    vec![
        Vec::new(),
        b"GET /api/v4/pro".to_vec(),
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ".to_vec(),
        without_its_last(1, form.bytes()),
        without_its_last(20, multipart.bytes()),
        without_its_last(5, chunked.bytes()),
    ]
}

fn without_its_last(count: usize, mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - count);
    bytes
}

/// Reads until the server closes, and answers whether it did.
fn is_ended(mut stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(BOUND)).unwrap();
    match stream.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// Sends one byte after the other without ever finishing, and answers whether the server put an end to it.
fn is_ended_in_spite_of_a_trickle(stream: &TcpStream) -> bool {
    let deadline = Instant::now() + BOUND;
    let (ended, end) = channel();
    thread::scope(|scope| {
        scope.spawn(move || ended.send(is_ended(stream)));
        let mut writer = stream;
        loop {
            match end.recv_timeout(DRIP) {
                Ok(ended) => return ended,
                Err(RecvTimeoutError::Disconnected) => panic!("the reader is gone"),
                Err(RecvTimeoutError::Timeout) if Instant::now() > deadline => {
                    stream.shutdown(std::net::Shutdown::Both).unwrap();
                    return false;
                }
                // When writing fails, reading is about to say that the connection has ended.
                Err(RecvTimeoutError::Timeout) => drop(writer.write_all(b"x")),
            }
        }
    })
}

/// Asks for more than anybody could keep unread, and goes on to send without reading any of it, until the server puts an
/// end to it.
fn is_ended_unread(mut stream: &TcpStream, request: &[u8]) -> bool {
    let deadline = Instant::now() + BOUND;
    stream.set_write_timeout(Some(DRIP)).unwrap();
    while Instant::now() < deadline {
        match stream.write(request) {
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return true,
        }
    }
    false
}

#[test]
fn an_answer_that_nobody_reads_is_ended_by_the_server() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    for number in 0..20 {
        api.add(&number.to_string(), &format!("http://{number}/{}", "x".repeat(2_000)));
    }
    let stream = TcpStream::connect(server.address()).unwrap();
    let request = api.anonymous().get(api.links()).bytes();
    assert!(is_ended_unread(&stream, &request), "still open after {BOUND:?}");
}

#[test]
fn a_request_that_is_never_finished_is_ended_by_the_server() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let body = api.admin().post(api.links()).form("x".repeat(500_000)).bytes();
    let endless_body = without_its_last(499_999, body);
    let endless_head = b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ".to_vec();
    let second_head = [Request::new(server.address(), "GET", "/-/liveness").bytes(), endless_head.clone()].concat();
    thread::scope(|scope| {
        let mut clients = Vec::new();
        for bytes in half_sent_requests(&api) {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(&bytes).unwrap();
            clients.push((bytes, scope.spawn(move || is_ended(&stream))));
        }
        for bytes in [endless_body, endless_head, second_head] {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(&bytes).unwrap();
            clients.push((bytes, scope.spawn(move || is_ended_in_spite_of_a_trickle(&stream))));
        }
        for (bytes, client) in clients {
            let ended = client.join().unwrap();
            assert!(ended, "still open after {BOUND:?}: {}", String::from_utf8_lossy(&bytes));
        }
    });
    assert_eq!(api.snapshot(), "[]");
}

#[test]
fn others_are_answered_while_many_requests_are_half_sent() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let mut open = Vec::new();
    for _ in 0..50 {
        for bytes in half_sent_requests(&api) {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(&bytes).unwrap();
            open.push(stream);
        }
    }
    for number in 0..20 {
        api.add(&number.to_string(), &format!("http://{number}"));
        api.anonymous().get(api.links()).send().status(200);
    }
    assert!(open.iter().any(is_waiting), "the others were answered only once the half-sent requests were ended");
}
