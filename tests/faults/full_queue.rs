//! More writes than the writer can take: a bounded number waits, and the rest are told at once to retry.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Response, Server, Visibility};
use crate::meddling::Meddling;

/// How many requests come at once.
const REQUESTS: usize = 2_000;
/// The queue, the batch that is being written, and one that waits for a transaction of its own.
const MOST_WAITING: usize = 1024 + 256 + 1;
/// What so many waiting requests may cost at most, in KiB; the server itself included.
const MOST_MEMORY: u64 = 256 * 1024;

/// The most memory that the server has ever had, in KiB.
fn peak_memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_full_queue_refuses_at_once_and_keeps_what_waits_in_it() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "error").under(["prlimit", "--nofile=8192"]);
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    // More than one release holds.
    api.release("v2");
    let lists = [api.links(), api.links_of("v2")];
    let root = api.admin();
    let idle = peak_memory(&server);
    // The writer waits for its disk, long enough for all that comes to pile up.
    let meddling =
        Meddling::with(&server, "fsync,fdatasync:delay_enter=60s", &[format!("{}-wal", launch.database().display())]);
    let mut connections: Vec<_> = (0..REQUESTS)
        .map(|number| {
            let draft = json!({ "name": number, "url": format!("http://{number}") });
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let request = root.post(&lists[number % 2]).json(draft);
            stream.write_all(&request.bytes()).unwrap();
            (BufReader::new(stream), request)
        })
        .collect();
    // Nothing can be acknowledged as long as nothing is synced, so who is answered now has been refused.
    let (answered, refusals) = channel();
    thread::scope(|scope| {
        for (stream, _) in &mut connections {
            let answered = answered.clone();
            scope.spawn(move || drop(stream.fill_buf().map(|_| answered.send(()))));
        }
        for _ in MOST_WAITING..REQUESTS {
            refusals.recv_timeout(PATIENCE).expect("what does not fit into the queue is refused");
        }
        let peak = peak_memory(&server);
        println!("memory: {idle} KiB idle, at most {peak} KiB with the queue full");
        assert!(peak < MOST_MEMORY, "{peak} KiB");
        root.get(api.links()).send().status(200);
        root.get("/-/readiness").send().status(200);
        drop(meddling);
    });
    let answers: Vec<_> = connections.iter_mut().map(|(stream, request)| Response::read(stream, request)).collect();
    let kept = answers.iter().filter(|answer| answer.status == 201).count();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    println!("{kept} of {REQUESTS} writes waited and were acknowledged, the rest was refused");
    assert!((1024..=MOST_WAITING).contains(&kept), "{kept}");
    let stored = lists.iter().map(|list| {
        let listed = root.get(list).send();
        listed.header("x-total").and_then(|total| total.parse::<usize>().ok()).unwrap_or_default()
    });
    assert_eq!(stored.sum::<usize>(), kept);
}
