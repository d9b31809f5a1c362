//! Many connections at once, and answers that nobody reads.

use std::io::{ErrorKind, Write};

use super::harness::{Client, LARGE, SHORT, TIMEOUT, TestServer, generous};
use crate::Limits;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LARGE_GET: &str = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
const CAPACITY: usize = 12;

fn few() -> Limits {
    Limits { connections: CAPACITY, ..generous() }
}

type Hold = fn(&TestServer) -> Client;

/// Every way in which a client can hold a connection without end.
fn holders() -> Vec<(&'static str, Hold)> {
    fn sent(mut client: Client, bytes: &str) -> Client {
        client.send(bytes);
        client
    }
    vec![
        ("silent", |server| server.connect()),
        ("idle", |server| server.used()),
        ("slow head", |server| sent(server.connect(), "GET / HT")),
        ("slow second head", |server| sent(server.used(), "GET / HT")),
        ("slow body", |server| {
            sent(server.connect(), "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n1")
        }),
        ("unread answer", |server| sent(server.connect(), LARGE_GET)),
        ("unread answers", |server| sent(server.connect(), &GET.repeat(10_000))),
    ]
}

#[test]
fn a_new_client_is_admitted_however_many_connections_are_held() {
    for (kind, hold) in holders() {
        let server = TestServer::start(few());
        let mut held = Vec::new();
        for _ in 0..3 * CAPACITY {
            held.push(hold(&server));
            server.connect().ask(GET).ok("here");
        }
        drop((kind, held));
    }
}

#[test]
fn the_connection_that_has_waited_longest_is_closed() {
    let server = TestServer::start(few());
    let mut idle: Vec<Client> = (0..CAPACITY * 3 / 4).map(|_| server.used()).collect();
    let _silent: Vec<Client> = (CAPACITY * 3 / 4..CAPACITY).map(|_| server.connect()).collect();
    let mut newest = server.connect();
    idle.remove(0).assert_closed();
    newest.ask(GET).ok("here");
    for client in &mut idle {
        client.ask(GET).ok("here");
    }
}

#[test]
fn clients_are_asked_to_disconnect_above_three_quarters_of_the_capacity() {
    let server = TestServer::start(few());
    let mut clients: Vec<Client> = (0..CAPACITY).map(|_| server.connect()).collect();
    // The last ones have been admitted once one of them is answered.
    assert!(clients[CAPACITY - 1].ask(GET).closes());
    clients[CAPACITY - 1].assert_closed();
    assert!(clients[0].ask(GET).closes());
    clients[0].assert_closed();
    clients.truncate(CAPACITY / 2);
    drop(clients.split_off(1));
    let mut last = server.used();
    while last.ask(GET).closes() {
        last = server.connect();
    }
}

#[test]
fn an_answer_that_nobody_reads_is_aborted() {
    let server = TestServer::start(Limits { answer_grace: SHORT, ..generous() });
    let mut client = server.connect();
    client.send(LARGE_GET);
    server.dropped.recv_timeout(TIMEOUT).unwrap();
    assert!(client.rest().len() < LARGE);
}

#[test]
fn a_client_that_only_sends_requests_is_disconnected() {
    let server = TestServer::start(Limits { answer_grace: SHORT, ..generous() });
    let mut client = server.connect().second_handle();
    let many = GET.repeat(1_000);
    let error = loop {
        if let Err(error) = client.write_all(many.as_bytes()) {
            break error.kind();
        }
    };
    assert!(matches!(error, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
}

#[test]
fn an_answer_that_is_read_arrives_whole() {
    let server = TestServer::start(Limits { answer_grace: SHORT, ..generous() });
    let mut client = server.connect();
    assert_eq!(client.ask(LARGE_GET).status, 200);
    server.dropped.recv_timeout(TIMEOUT).unwrap();
    client.ask(GET).ok("here");
}
