//! Requests that arrive slowly, in odd pieces, or with lines that are too long.

use std::io::Write;
use std::thread;

use super::harness::{SHORT, TIMEOUT, TestServer, generous};
use crate::Limits;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HALF: &str = "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ";

fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn long_name(length: usize) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{}: a\r\n\r\n", "x".repeat(length))
}

fn short_heads() -> Limits {
    Limits { head: SHORT, ..generous() }
}

#[test]
fn every_head_has_a_timeout_later_ones_included() {
    let server = TestServer::start(short_heads());
    for mut client in [server.connect(), server.used()] {
        client.send(HALF);
        assert_eq!(client.answer().status, 408);
        client.assert_closed();
    }
}

#[test]
fn a_connection_without_a_request_is_closed() {
    let server = TestServer::start(short_heads());
    assert_eq!(server.connect().answer().status, 408);
}

#[test]
fn a_head_that_trickles_in_gets_no_more_time() {
    let server = TestServer::start(short_heads());
    let mut client = server.used();
    client.send(HALF);
    client.gets_no_more_time_for_trickling();
}

#[test]
fn a_pause_between_requests_may_be_longer_than_a_head_may_take() {
    let server = TestServer::start(short_heads());
    let mut idle = server.used();
    server.used().send(HALF).rest();
    idle.ask(GET).ok("here");
}

#[test]
fn an_idle_connection_is_closed_after_the_timeout() {
    let server = TestServer::start(Limits { keep_alive: SHORT, ..generous() });
    server.used().assert_closed();
}

#[test]
fn a_body_that_nobody_reads_cannot_trickle_in_forever() {
    let server = TestServer::start(short_heads());
    let mut client = server.connect();
    let head = "POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";
    client.ask(head).ok("not read");
    client.assert_closed();
}

#[test]
fn a_request_that_waited_for_a_busy_worker_is_served() {
    let server = TestServer::start(Limits { head: SHORT, body: SHORT, ..generous() });
    let mut half = server.used();
    let mut fresh = server.connect();
    let mut body = server.used();
    half.send(HALF);
    body.send("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n1234");
    let mut busy = server.connect();
    busy.send("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n");
    server.entered.recv_timeout(TIMEOUT).unwrap();
    half.send("a\r\n\r\n");
    body.send("5678");
    fresh.send(GET);
    thread::sleep(3 * SHORT);
    server.release.send(()).unwrap();
    busy.answer().ok("done");
    half.answer().ok("here");
    body.answer().ok("8");
    fresh.answer().ok("here");
}

#[test]
fn a_line_may_be_long() {
    let server = TestServer::start(generous());
    let mut client = server.connect();
    for _ in 0..3 {
        client.ask(format!("GET /?{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(55_000))).ok("here");
        client.ask(post("/length", &"x".repeat(200_000))).ok("200000");
    }
}

#[test]
fn a_line_that_is_too_long_is_refused_whatever_precedes_it() {
    let server = TestServer::start(generous());
    for length in [65_001, 65_535, 65_536, 65_537, 100_000] {
        for before in [String::new(), GET.to_owned(), post("/length", "12345"), post("/length", &"x".repeat(100_000))] {
            let mut client = server.connect();
            let mut bytes = before.clone();
            bytes.push_str(&long_name(length));
            client.try_send(&bytes);
            let answer = String::from_utf8_lossy(&client.rest()).into_owned();
            let answered = answer.matches("HTTP/1.1 200 OK").count();
            // The connection may be closed before the client has read the answers.
            assert!(answered <= usize::from(!before.is_empty()), "{length}: {answer}");
        }
    }
    server.used();
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::start(generous());
    let mut client = server.connect();
    let all = GET.repeat(1_000);
    let mut writing = client.second_handle();
    let writer = thread::spawn(move || writing.write_all(all.as_bytes()));
    for _ in 0..1_000 {
        client.answer().ok("here");
    }
    writer.join().unwrap().unwrap();
    client.ask(GET).ok("here");
}

#[test]
fn bodies_of_every_length_are_read_whole() {
    let server = TestServer::start(generous());
    let mut client = server.connect();
    let chunked = "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for number in 0..20 {
        let length = number * 5_003;
        client.ask(post("/length", &"x".repeat(length))).ok(&length.to_string());
        client.ask(format!("{chunked}{}0\r\n\r\n", "1;a=b\r\nx\r\n".repeat(length))).ok(&length.to_string());
        client.ask(GET).ok("here");
    }
}
