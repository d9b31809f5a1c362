//! What happens when there are many connections, or answers that nobody takes.

use super::harness::{Client, LARGE, PATIENCE, SHORT, TestServer, endless};
use crate::Limits;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LARGE_GET: &str = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
const PLACES: usize = 12;

fn few() -> Limits {
    Limits { connections: PLACES, ..endless() }
}

type Hold = fn(&TestServer) -> Client;

/// Each way to hold a connection without end.
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
fn a_new_client_gets_in_however_many_connections_are_held() {
    for (kind, hold) in holders() {
        let server = TestServer::start(few());
        let mut held = Vec::new();
        for _ in 0..3 * PLACES {
            held.push(hold(&server));
            server.connect().ask(GET).ok("here");
        }
        drop((kind, held));
    }
}

#[test]
fn the_one_that_has_waited_longest_makes_place() {
    let server = TestServer::start(few());
    let mut idle: Vec<Client> = (0..PLACES * 3 / 4).map(|_| server.used()).collect();
    let _silent: Vec<Client> = (PLACES * 3 / 4..PLACES).map(|_| server.connect()).collect();
    let mut newest = server.connect();
    idle.remove(0).is_ended();
    newest.ask(GET).ok("here");
    for client in &mut idle {
        client.ask(GET).ok("here");
    }
}

#[test]
fn clients_are_asked_to_leave_once_three_quarters_of_the_places_are_taken() {
    let server = TestServer::start(few());
    let mut clients: Vec<Client> = (0..PLACES).map(|_| server.connect()).collect();
    // The last ones are there once they are answered.
    assert!(clients[PLACES - 1].ask(GET).closes());
    clients[PLACES - 1].is_ended();
    assert!(clients[0].ask(GET).closes());
    clients[0].is_ended();
    clients.truncate(PLACES / 2);
    drop(clients.split_off(1));
    let mut last = server.used();
    while last.ask(GET).closes() {
        last = server.connect();
    }
}

#[test]
fn an_answer_that_nobody_reads_is_cut_off() {
    let server = TestServer::start(Limits { answer_grace: SHORT, ..endless() });
    let mut client = server.connect();
    client.send(LARGE_GET);
    server.dropped.recv_timeout(PATIENCE).unwrap();
    assert!(client.rest().len() < LARGE);
}

#[test]
fn answers_that_are_read_are_whole() {
    let server = TestServer::start(Limits { answer_grace: SHORT, ..endless() });
    let mut client = server.connect();
    assert_eq!(client.ask(LARGE_GET).status, 200);
    server.dropped.recv_timeout(PATIENCE).unwrap();
    client.ask(GET).ok("here");
}
