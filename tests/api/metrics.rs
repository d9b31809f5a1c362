//! docs/monitoring.md, "Metrics": what the server counts, where that is to be had, and that it is nowhere unless asked for.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Server, Visibility, database};

/// A server that counts, and where it says what.
struct Counting {
    api: Api,
    metrics: SocketAddr,
}

impl Counting {
    fn start() -> Self {
        let server = Arc::new(Launch::new().arg("--metrics-listen").arg("127.0.0.1:0").start());
        let metrics = address(&server).expect("a line that says where the metrics are");
        Self { api: Api::on(&server, Visibility::Public), metrics }
    }

    /// Returns the lines of all metrics.
    fn scrape(&self) -> Vec<String> {
        let (head, body) = ask(self.metrics, "/metrics");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(head.to_lowercase().contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{head}");
        body.lines().map(str::to_owned).collect()
    }

    /// Returns the value of a series, which is written as in the text.
    fn value(&self, series: &str) -> Option<f64> {
        let lines = self.scrape();
        lines.iter().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
    }
}

/// The address that the server says on stdout.
fn address(server: &Server) -> Option<SocketAddr> {
    let said = server.stdout();
    let (_, rest) = said.split_once("metrics at http://")?;
    rest.split_once("/metrics")?.0.parse().ok()
}

/// Asks for a path; returns the head and the body of the answer.
fn ask(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (format!("{head}\r\n"), body.to_owned())
}

#[test]
fn requests_are_counted_by_their_operation_and_status() {
    let counting = Counting::start();
    let api = &counting.api;
    let id = api.add("a", "http://a");
    for _ in 0..3 {
        api.guest().get(api.link(id)).send().status(200);
    }
    api.guest().request("HEAD", api.link(id)).send().status(200);
    api.guest().get(api.link(id + 1)).send().status(404);
    let operation = "operation=\"getApiV4ProjectsIdReleasesTagNameAssetsLinksLinkId\"";
    for (method, status, expected) in [("GET", 200, 3.0), ("HEAD", 200, 1.0), ("GET", 404, 1.0)] {
        let labels = format!("{{method=\"{method}\",{operation},status=\"{status}\"}}");
        assert_eq!(counting.value(&format!("release_links_http_requests_total{labels}")), Some(expected), "{labels}");
    }
    let timed = format!("release_links_http_request_duration_seconds_count{{method=\"GET\",{operation}}}");
    assert_eq!(counting.value(&timed), Some(4.0));
}

#[test]
fn paths_that_nobody_declared_are_counted_as_one() {
    let counting = Counting::start();
    let before = counting.scrape().len();
    let unknown = "release_links_http_requests_total{method=\"GET\",operation=\"none\",status=\"404\"}";
    for number in 0..20 {
        counting.api.anonymous().get(format!("/api/nothing/{number}")).send().status(404);
    }
    assert_eq!(counting.value(unknown), Some(20.0));
    // The one counter, and its times: the buckets, the one without a bound, the sum and the count.
    assert_eq!(counting.scrape().len() - before, 1 + 13 + 3);
    assert!(!counting.scrape().iter().any(|line| line.contains("nothing")));
}

#[test]
fn permanent_links_and_credentials_are_counted_by_what_became_of_them() {
    let counting = Counting::start();
    let api = &counting.api;
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let downloads = format!("/{}/-/releases/v1.7.0/downloads", api.path);
    api.anonymous().get(format!("{downloads}/bin/a")).send().status(302);
    api.anonymous().get(format!("{downloads}/bin/b")).send().status(404);
    let unknown = api.anonymous().get(api.links()).header("PRIVATE-TOKEN", "unknown-token");
    unknown.send().status(401);
    for (counter, outcome, expected) in [
        ("redirects", "found", 1.0),
        ("redirects", "not_found", 1.0),
        ("redirects", "failed", 0.0),
        ("authentications", "unknown", 1.0),
        ("authentications", "expired", 0.0),
    ] {
        let series = format!("release_links_{counter}_total{{outcome=\"{outcome}\"}}");
        assert_eq!(counting.value(&series), Some(expected), "{series}");
    }
    let accepted = "release_links_authentications_total{outcome=\"accepted\"}";
    assert!(counting.value(accepted).is_some_and(|count| count > 0.0));
    assert!(!counting.scrape().iter().any(|line| line.contains("unknown-token") || line.contains(&api.path)));
}

#[test]
fn storage_build_and_process_are_told_as_well() {
    let counting = Counting::start();
    counting.api.add("a", "http://a");
    let (version, sqlite, target) = (env!("CARGO_PKG_VERSION"), rusqlite::version(), env!("TARGET"));
    let commit = option_env!("RELEASE_LINKS_COMMIT").and_then(|commit| commit.split_whitespace().next());
    let commit = commit.map(|commit| format!(",commit=\"{commit}\"")).unwrap_or_default();
    let labels = format!("version=\"{version}\",sqlite=\"{sqlite}\",target=\"{target}\"{commit}");
    assert_eq!(counting.value(&format!("release_links_build_info{{{labels}}}")), Some(1.0));
    let mut positive = [
        "release_links_database_bytes",
        "release_links_pool_max_connections{pool=\"long_reads\"}",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
    ]
    .map(str::to_owned)
    .to_vec();
    if !database::on_postgres() {
        positive.push("release_links_wal_bytes".to_owned());
        let histograms = ["release_links_writer_batch_requests", "release_links_writer_commit_duration_seconds"];
        positive.extend(histograms.map(|histogram| format!("{histogram}_count")));
        assert_eq!(counting.value("release_links_writer_queue_requests"), Some(0.0));
    }
    for series in positive {
        assert!(counting.value(&series).is_some_and(|value| value > 0.0), "{series}");
    }
    assert_eq!(counting.value("release_links_pool_busy_connections{pool=\"long_reads\"}"), Some(0.0));
}

#[test]
fn files_are_added_up_once_and_uploads_are_counted_while_they_run() {
    let counting = Counting::start();
    let api = &counting.api;
    let address = |name: &str| format!("/api/v4/projects/{}/packages/generic/hello/1.2.3/{name}", api.project);
    for (name, bytes) in [("a", "first"), ("same", "first"), ("b", "second")] {
        api.developer().put(address(name)).body(bytes).send().status(201);
    }
    let running = || counting.value("release_links_uploads_running");
    assert_eq!(running(), Some(0.0));
    for (series, expected) in [
        ("release_links_files", 2.0),
        ("release_links_files_bytes", 11.0),
        ("release_links_uploads_waiting", 0.0),
        ("release_links_uploads_refused_total", 0.0),
    ] {
        assert_eq!(counting.value(series), Some(expected), "{series}");
    }
    let mut stream = TcpStream::connect(api.server().address()).unwrap();
    let token = api.developer();
    let token = token.token();
    write!(
        stream,
        "PUT {} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {token}\r\nContent-Length: 9\r\n\r\nhalf",
        address("c")
    )
    .unwrap();
    let before = Instant::now();
    while running() != Some(1.0) {
        assert!(before.elapsed() < PATIENCE, "{:?}", running());
    }
    drop(stream);
    while running() != Some(0.0) {
        assert!(before.elapsed() < PATIENCE, "{:?}", running());
    }
}

#[test]
fn metrics_are_nowhere_else() {
    let counting = Counting::start();
    counting.api.anonymous().get("/metrics").send().status(404);
    for path in ["/", "/api/v4/version", "/-/readiness"] {
        let (head, _) = ask(counting.metrics, path);
        assert!(head.starts_with("HTTP/1.1 404 "), "{path}: {head}");
    }
    let silent = Launch::new().start();
    assert_eq!(address(&silent), None);
    silent.stop();
}

#[test]
fn a_listener_for_metrics_that_cannot_be_had_ends_the_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (given, told) in [("nowhere", "--metrics-listen: \"nowhere\" is not an address"), (&taken, "cannot listen on")]
    {
        let ended = Launch::new().arg("--metrics-listen").arg(given).run();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(told), "{ended:?}");
    }
}
