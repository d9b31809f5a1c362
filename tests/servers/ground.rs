//! What these tests use: servers on a database of their own, and waiting until something is true.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use release_links_cluster::Cluster;

use crate::harness::{Launch, PATIENCE, Response, Server};

/// The database of tests that have a database server for themselves.
pub const DATABASE: &str = "links";

/// How to start a server on the database of that URL.
pub fn on(url: &str) -> Launch {
    Launch::on(url).arg("--external-url").arg("https://gitlab.example.com")
}

/// Two servers on the database of that URL.
pub fn two_on(url: &str) -> [Arc<Server>; 2] {
    [(); 2].map(|()| Arc::new(on(url).start()))
}

/// A database server for one test, and the URL of an empty database on it.
pub fn own_cluster(settings: &[&str]) -> (Cluster, String) {
    let cluster = Cluster::start_with(settings);
    let url = cluster.create_database(DATABASE);
    (cluster, url)
}

/// Waits until it holds.
#[track_caller]
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Asserts that the answer says only that it does not work now, and when to try again.
#[track_caller]
pub fn is_unavailable(answer: &Response) {
    answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
}

/// Says that it is over when a test ends in any way, so that no writer goes on for ever.
pub struct Over<'a>(pub &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
