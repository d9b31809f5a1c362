//! docs/contract.md, "Limits and connections": nobody can keep others out by holding connections.

use std::fmt::Write as _;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Request, Response, Server, Visibility};
use crate::starting::refused;

/// More than there is place for.
const HELD: usize = 250;

/// A server that may have 256 descriptors.
fn with_few_descriptors() -> Launch {
    Launch::new().under(["sh", "-c", "ulimit -n 256; exec \"$0\" \"$@\""])
}

fn connect(server: &Server) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

/// Asks on a connection that may be used again.
fn ask(stream: &mut BufReader<TcpStream>, server: &Server) -> Response {
    let request = Request::new(server.address(), "GET", "/-/liveness");
    stream.get_mut().write_all(&request.bytes()).unwrap();
    Response::read(stream, &request).status(200)
}

/// A connection on which a request was answered before `then` is sent.
fn used(api: &Api, then: &[u8]) -> TcpStream {
    let mut stream = connect(api.server());
    ask(&mut stream, api.server());
    // Once there are many, the server closes each after its first answer.
    let _ = stream.get_mut().write_all(then);
    stream.into_inner()
}

fn fresh(api: &Api, then: &[u8]) -> TcpStream {
    let mut stream = connect(api.server()).into_inner();
    let _ = stream.write_all(then);
    stream
}

/// Answers of some megabytes, asked for all at once.
fn many_answers(api: &Api) -> Vec<u8> {
    api.anonymous().get(api.links() + "?per_page=100").bytes().repeat(100)
}

fn with_large_links(api: &Api) {
    for number in 0..40 {
        api.add(&number.to_string(), &format!("http://{number}/{}", "x".repeat(2_000)));
    }
}

#[test]
fn with_256_descriptors_nobody_is_kept_out_by_connections_that_others_hold() {
    let server = Arc::new(with_few_descriptors().start());
    let api = Api::on(&server, Visibility::Public);
    with_large_links(&api);
    let head = b"GET /-/liveness HTTP/1.1\r\nHost: a\r\nX-Slow: ";
    let body = api.admin().post(api.links()).form("name=a&url=http://a").bytes();
    let answers = many_answers(&api);
    let holds: Vec<Box<dyn Fn() -> TcpStream>> = vec![
        Box::new(|| fresh(&api, b"")),
        Box::new(|| used(&api, b"")),
        Box::new(|| fresh(&api, head)),
        Box::new(|| used(&api, head)),
        Box::new(|| fresh(&api, &body[..body.len() - 1])),
        Box::new(|| fresh(&api, &answers)),
    ];
    for (kind, hold) in holds.into_iter().enumerate() {
        let open: Vec<TcpStream> = (0..HELD).map(|_| hold()).collect();
        for number in 0..5 {
            let link = api.add(&format!("{kind}-{number}"), &format!("http://{kind}/{number}"));
            api.anonymous().get(api.link(link)).send().status(200);
        }
        drop(open);
    }
    let stderr = server.stderr();
    assert!(!stderr.contains("accepting") && !stderr.contains(" 500"), "{stderr}");
}

#[test]
fn a_header_name_of_64_kib_ends_its_connection_and_nothing_else() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let mut other = connect(&server);
    ask(&mut other, &server);
    for length in [65_535, 65_536, 200_000] {
        let mut request = "GET / HTTP/1.1\r\nHost: a\r\n".to_owned();
        let _ = write!(request, "{}: a\r\n\r\n", "x".repeat(length));
        let post = api.admin().post(api.links()).form("name=").bytes();
        for before in [Vec::new(), Request::new(server.address(), "GET", "/-/liveness").bytes(), post] {
            let mut stream = connect(&server);
            let _ = stream.get_mut().write_all(&before);
            let _ = stream.get_mut().write_all(request.as_bytes());
            // It ends by a reset where the client was still sending.
            if let Err(error) = stream.read_to_end(&mut Vec::new()) {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
            }
        }
    }
    ask(&mut other, &server);
    let stderr = server.stderr();
    assert!(!stderr.contains("panicked") && !stderr.contains("actix-http"), "{stderr}");
}

/// What Java's `HttpClient`, nginx with `Connection "upgrade"` and browsers send.
const OFFERS: [(&str, &str); 4] = [
    ("upgrade", ""),
    ("Upgrade, HTTP2-Settings", "h2c"),
    ("Upgrade", "websocket"),
    ("keep-alive, Upgrade", "WebSocket"),
];

#[test]
fn a_request_that_offers_an_upgrade_is_answered_as_if_it_did_not_and_the_connection_stays() {
    let api = Api::public();
    let mut stream = connect(api.server());
    let mut ask = |request: &Request| {
        stream.get_mut().write_all(&request.bytes()).unwrap();
        Response::read(&mut stream, request)
    };
    for (number, (connection, upgrade)) in OFFERS.into_iter().enumerate() {
        let offer = |request: Request| request.header("Connection", connection).header("Upgrade", upgrade);
        for _ in 0..2 {
            let health = ask(&offer(Request::new(api.server().address(), "GET", "/-/health"))).status(200);
            assert_eq!((health.header("connection"), health.header("upgrade")), (None, None));
        }
        // A body that looks like a head.
        let name = format!("{number}\r\nConnection: upgrade\r\n\r\n");
        for (path, chunked) in [("sized", false), ("chunked", true)] {
            let link = json!({ "name": format!("{name}{path}"), "url": format!("http://{number}/{path}") });
            let post = offer(api.developer().post(api.links()).json(&link));
            let made = ask(&if chunked { post.chunked() } else { post }).status(201);
            assert_eq!(made.json()["name"], link["name"]);
        }
    }
}

#[test]
fn what_is_no_request_is_no_error_in_the_log() {
    let server = Launch::new().start();
    // As `curl --http2-prior-knowledge` and a client of HTTPS begin.
    for start in [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] {
        let mut stream = connect(&server);
        stream.get_mut().write_all(start).unwrap();
        stream.get_ref().shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
    server.signal("TERM");
    assert_eq!(server.exit_within(PATIENCE), Some(0));
    assert!(!server.stderr().contains("ERROR"), "{}", server.stderr());
}

#[test]
fn clients_are_asked_to_leave_when_there_are_many() {
    let server = Launch::new().arg("--max-connections").arg("8").start();
    let closes = |answer: &Response| answer.header("connection") == Some("close");
    let mut streams: Vec<_> = (0..6).map(|_| connect(&server)).collect();
    // A connection that was answered is one that the server has taken.
    assert!(streams.iter_mut().all(|stream| !closes(&ask(stream, &server))));
    let mut last = connect(&server);
    assert!(closes(&ask(&mut last, &server)));
    assert_eq!(last.read_to_end(&mut Vec::new()).unwrap(), 0);
    drop(streams);
    // The others are gone as soon as the server has seen it.
    while closes(&ask(&mut connect(&server), &server)) {}
}

#[test]
fn an_idle_connection_is_kept_as_long_as_the_operator_says() {
    let server = Launch::new().env("RELEASE_LINKS_KEEP_ALIVE", "1").start();
    let mut stream = connect(&server);
    assert_eq!(ask(&mut stream, &server).header("connection"), None);
    assert_eq!(stream.read_to_end(&mut Vec::new()).unwrap(), 0);

    let server = Launch::new().arg("--keep-alive").arg("0").start();
    let mut stream = connect(&server);
    assert_eq!(ask(&mut stream, &server).header("connection"), Some("close"));
}

#[test]
fn more_connections_than_descriptors_are_refused() {
    let ended = with_few_descriptors().arg("--max-connections").arg("193").run();
    refused(&ended, "--max-connections");
    assert!(ended.stderr.contains("192"), "{ended:?}");
    with_few_descriptors().arg("--max-connections").arg("192").start();
    for number in ["0", "-1", "many"] {
        refused(&Launch::new().arg(format!("--max-connections={number}")).run(), "--max-connections");
    }
}
