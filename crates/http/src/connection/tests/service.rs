//! Requests that never arrive in full, sent to the whole service.

use super::harness::{Client, SHORT, TIMEOUT, TestServer, generous};
use crate::Limits;

const LIVENESS: &str = "GET /-/liveness HTTP/1.1\r\nHost: a\r\n\r\n";
const HALF_HEAD: &str = "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ";
const HALF_FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nname=a&url=http";
const REST_OF_FORM: &str = "://ab";

fn post(rest: &str) -> String {
    format!("POST /api/v4/projects/1/releases/v1/assets/links HTTP/1.1\r\nHost: a\r\n{rest}")
}

/// Requests whose heads are complete, but not their bodies.
fn half_bodies() -> Vec<String> {
    let multipart = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 500\r\n\r\n--b\r\n";
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
    [HALF_FORM, multipart, chunked].map(post).into()
}

/// A connection on which one request was answered, and from which the server has read `bytes` as well.
fn having_sent(server: &TestServer, bytes: &str) -> Client {
    let mut client = server.connect();
    assert_eq!(client.ask(format!("{LIVENESS}{bytes}")).status, 200);
    client
}

#[test]
fn every_body_has_a_timeout() {
    let server = TestServer::start_service(Limits { body: SHORT, ..generous() });
    for request in half_bodies() {
        let mut client = having_sent(&server, &request);
        assert_eq!(client.answer().status, 408, "{request}");
        client.assert_closed();
    }
}

#[test]
fn a_body_that_trickles_in_gets_no_more_time() {
    let server = TestServer::start_service(Limits { body: SHORT, ..generous() });
    let client = having_sent(&server, &post("Content-Length: 500000\r\n\r\n"));
    client.gets_no_more_time_for_trickling();
}

#[test]
fn others_are_answered_while_many_requests_are_half_sent() {
    let server = TestServer::start_service(generous());
    let mut half_sent = Vec::new();
    for _ in 0..50 {
        for request in half_bodies().into_iter().chain([String::new(), HALF_HEAD.to_owned()]) {
            half_sent.push(having_sent(&server, &request));
        }
    }
    for _ in 0..20 {
        having_sent(&server, "");
    }
    assert!(half_sent.iter().all(Client::is_waiting));
}

#[test]
fn a_shutdown_closes_idle_connections_while_it_waits_for_a_half_sent_request() {
    let server = TestServer::start_service(Limits { shutdown: 2 * TIMEOUT, ..generous() });
    let mut half_sent = having_sent(&server, &post(HALF_FORM));
    let mut idle: Vec<Client> = (0..20).map(|_| having_sent(&server, "")).collect();
    server.shut_down();
    idle.iter_mut().for_each(Client::assert_closed);
    assert!(half_sent.is_waiting());
    assert_eq!(half_sent.ask(REST_OF_FORM).status, 404);
    half_sent.assert_closed();
}

#[test]
fn a_half_sent_request_cannot_delay_a_shutdown() {
    let server = TestServer::start_service(generous());
    let half_sent = half_bodies().into_iter().map(|request| having_sent(&server, &request));
    let mut half_sent: Vec<Client> = half_sent.collect();
    server.shut_down();
    half_sent.iter_mut().for_each(Client::assert_closed);
}
