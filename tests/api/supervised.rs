//! docs/contract.md, "Starting the server": what the server tells systemd, which waits for it (`Type=notify`).

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;

use crate::harness::{Launch, PATIENCE, Request};

/// A launch as systemd makes it, and the socket that it listens on.
fn supervised(launch: Launch) -> (Launch, UnixDatagram) {
    let path = launch.directory().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    (launch.env("NOTIFY_SOCKET", path), socket)
}

/// The next message.
fn told(socket: &UnixDatagram) -> String {
    let mut message = [0; 100];
    let length = socket.recv(&mut message).unwrap();
    String::from_utf8_lossy(&message[..length]).into_owned()
}

/// Asserts that no message waits.
fn told_nothing(socket: &UnixDatagram) {
    socket.set_nonblocking(true).unwrap();
    assert_eq!(socket.recv(&mut [0; 100]).unwrap_err().kind(), ErrorKind::WouldBlock);
    socket.set_nonblocking(false).unwrap();
}

#[test]
fn it_tells_its_supervisor_when_it_listens_and_when_it_stops() {
    let (launch, socket) = supervised(Launch::new().arg("--drain").arg("3600"));
    let starting = launch.begin();
    assert_eq!(told(&socket), "READY=1\n");
    let server = starting.listening();
    let readiness = || Request::new(server.address(), "GET", "/-/readiness");
    readiness().send().status(200);
    told_nothing(&socket);
    server.signal("TERM");
    assert_eq!(told(&socket), "STOPPING=1\n");
    readiness().send().status(503);
    server.stop();
    told_nothing(&socket);
}

#[test]
fn it_is_not_ready_while_it_waits_for_its_database() {
    let launch = Launch::new().bare().env("RELEASE_LINKS_DATABASE", "postgres://links@127.0.0.1:1/links");
    let (launch, socket) = supervised(launch.env("RELEASE_LINKS_LISTEN", "127.0.0.1:0"));
    let waiting = launch.start_until("waiting for the database");
    told_nothing(&socket);
    drop(waiting);
    told_nothing(&socket);
}

#[test]
fn it_serves_on_although_its_supervisor_does_not_listen() {
    let server = Launch::new().env("NOTIFY_SOCKET", "/nowhere").start();
    server.await_on_stderr("cannot tell systemd");
    Request::new(server.address(), "GET", "/-/readiness").send().status(200);
    server.stop();
}
