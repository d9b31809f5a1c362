//! Requests that offer to upgrade their connection.

use actix_codec::Decoder;
use actix_http::h1::{Codec, Message};
use actix_web::http::ConnectionType;
use actix_web::rt::Runtime;
use actix_web::web::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::offers::Offers;
use super::harness::{TestServer, generous};

/// What the parser makes of bytes: each request's kind of connection and body, and whether it refused the next.
type Parsed = (Vec<(ConnectionType, Vec<u8>)>, bool);

fn parsed(bytes: &[u8]) -> Parsed {
    // The codec starts a task of its own.
    Runtime::new().unwrap().block_on(async { parse(Codec::default(), bytes) })
}

fn parse(mut codec: Codec, bytes: &[u8]) -> Parsed {
    let mut bytes = BytesMut::from(bytes);
    let mut requests: Vec<(ConnectionType, Vec<u8>)> = Vec::new();
    loop {
        match codec.decode(&mut bytes) {
            Ok(Some(Message::Item(request))) => requests.push((request.head().connection_type(), Vec::new())),
            Ok(Some(Message::Chunk(Some(piece)))) => requests.last_mut().unwrap().1.extend(piece),
            Ok(Some(Message::Chunk(None))) => {}
            Ok(None) => return (requests, false),
            Err(_) => return (requests, true),
        }
    }
}

/// The bytes after they arrived in pieces that end at `ends`.
fn hidden(bytes: &[u8], ends: &[Index]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut ends: Vec<_> = ends.iter().map(|end| end.index(bytes.len() + 1)).chain([bytes.len()]).collect();
    ends.sort_unstable();
    let (mut offers, mut start) = (Offers::new(), 0);
    for end in ends {
        offers.hide(&mut bytes[start..end]);
        start = end;
    }
    bytes
}

/// Headers that offer an upgrade, and others that resemble them.
fn headers() -> impl Strategy<Value = String> {
    vec(
        select(vec![
            "Connection: upgrade\r\nUpgrade: websocket\r\n",
            "connection:UPGRADE\nupgrade:\tWebSocket \n",
            "Connection: keep-alive, Upgrade\r\n",
            "CONNECTION: Upgrade , HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n",
            "Upgrade-Insecure-Requests: 1\r\n",
            "X-Connection: upgrade\r\n",
            "Connection: x-upgrade,,keep-alive\r\nConnection: upgrade\r\n",
            "Accept: */*\r\nEmpty:\r\n",
        ]),
        0..4,
    )
    .prop_map(|headers| headers.concat())
}

/// Contents that look like heads and chunks.
fn content() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n",
        "\r\n",
        "\n",
        "0\r\n\r\n",
        "GET / HTTP/1.1\r\n",
    ]);
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// A request and its body.
fn request() -> impl Strategy<Value = (String, String)> {
    let trailers = select(vec!["", "Connection: upgrade\r\n", "\nConnection: upgrade\n\r\nX: y\r\n"]);
    (select(vec!["", "\r\n", "\n"]), headers(), content(), content(), any::<bool>(), trailers).prop_map(
        |(before, headers, first, second, chunked, trailers)| {
            let body = format!("{first}{second}");
            let head = format!("{before}POST / HTTP/1.1\r\nHost: a\r\n{headers}");
            if !chunked {
                return (format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()), body);
            }
            let chunk = |text: &str| match text.len() {
                0 => String::new(),
                length => format!("{length:X};connection: upgrade\r\n{text}\r\n"),
            };
            let chunks = [chunk(&first), chunk(&second)].concat();
            (format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}0 \r\n{trailers}\r\n"), body)
        },
    )
}

/// Lines of heads and bodies in any order, most of which make no request.
fn lines() -> impl Strategy<Value = String> {
    let line = select(vec![
        "POST / HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.0\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n",
        "Connection: upgrade\r\n",
        "Content-Length: 7\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n",
        "\r\n",
        "\n",
        "Connection: upgrade\n",
        "7\r\n",
        "upgrade\r\n",
        "0\r\n\r\n",
        "0\r\n",
        "fffffffffffffffff\r\n",
        "Connection\r\n",
        " upgrade\r\n",
        "\0",
    ]);
    vec(line, 0..12).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn an_offer_is_hidden_and_no_body_changes(requests in vec(request(), 1..5), ends in vec(any::<Index>(), 0..20)) {
        let bytes: String = requests.iter().map(|(bytes, _)| bytes.as_str()).collect();
        let expected = requests.into_iter().map(|(_, body)| (ConnectionType::KeepAlive, body.into_bytes())).collect();
        prop_assert_eq!(parsed(&hidden(bytes.as_bytes(), &ends)), (expected, false));
    }

    #[test]
    fn whatever_arrives_the_parser_finds_the_same_requests_and_bodies(
        lines in lines(),
        ends in vec(any::<Index>(), 0..20),
    ) {
        let bodies = |(requests, refused): Parsed| (requests.into_iter().map(|(_, body)| body).collect::<Vec<_>>(), refused);
        // Everything after a CONNECT is its body, which is read by nobody.
        let before = lines.split("CONNECT").next().unwrap().as_bytes();
        let hidden = hidden(lines.as_bytes(), &ends);
        prop_assert_eq!(bodies(parsed(&hidden[..before.len()])), bodies(parsed(before)));
        let upgrades = |(kind, _): &(ConnectionType, Vec<u8>)| *kind == ConnectionType::Upgrade;
        prop_assert!(!parsed(&hidden).0.iter().any(upgrades));
    }
}

const OFFERS: [&str; 4] = [
    "Connection: upgrade\r\n",
    "Connection: Upgrade\r\nUpgrade: websocket\r\n",
    "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
];

#[test]
fn a_request_that_offers_an_upgrade_is_answered_as_if_it_did_not() {
    let server = TestServer::start(generous());
    let mut client = server.connect();
    for offer in OFFERS {
        let get = format!("GET / HTTP/1.1\r\nHost: a\r\n{offer}\r\n");
        let post = format!("POST /length HTTP/1.1\r\nHost: a\r\n{offer}");
        for _ in 0..2 {
            let answer = client.ask(&get);
            answer.ok("here");
            assert!(!answer.names_the_connection(), "{answer:?}");
        }
        client.ask(format!("{post}Content-Length: 5\r\n\r\n12345{get}")).ok("5");
        client.answer().ok("here");
        client.ask(format!("{post}Transfer-Encoding: chunked\r\n\r\n3\r\n123\r\n0\r\n\r\n{get}")).ok("3");
        client.answer().ok("here");
    }
}

#[test]
fn an_offer_with_expect_is_told_to_continue() {
    let server = TestServer::start(generous());
    let mut client = server.connect();
    for offer in OFFERS {
        let head = "POST /length HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n";
        assert_eq!(client.ask(format!("{head}{offer}\r\n")).status, 100);
        client.ask("12345").ok("5");
    }
}

#[test]
fn an_offer_does_not_keep_a_connection_that_the_client_closes() {
    let server = TestServer::start(generous());
    for head in ["GET / HTTP/1.1\r\nConnection: close, upgrade\r\n", "GET / HTTP/1.0\r\nConnection: upgrade\r\n"] {
        let mut client = server.connect();
        let answer = String::from_utf8(client.send(format!("{head}Host: a\r\n\r\n")).rest()).unwrap();
        assert!(answer.contains(" 200 OK\r\n") && answer.ends_with("here") && !answer.contains("upgrade"), "{answer}");
    }
}
