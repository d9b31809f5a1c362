//! How the server stops while its database is working.

use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{PATIENCE, ROOT_TOKEN};
use crate::{CLUSTER, serving, user_of};

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_request_in_flight_is_answered_though_the_thread_that_reached_the_database_is_gone() {
    let database = CLUSTER.create_database("stopping");
    let launch = serving(&database).arg("--database-connections").arg("1").arg("--database-timeout").arg("30");
    let server = launch.start();
    // The connection of the start ends; the first request makes another, which the next, on another thread, uses.
    let others = "FROM pg_stat_activity WHERE datname = 'stopping' AND pid <> pg_backend_pid()";
    CLUSTER.sql("stopping", &format!("SELECT pg_terminate_backend(pid) {others}"));
    wait_until("reached anew", || user_of(&server, ROOT_TOKEN) == 200);
    let held = CLUSTER.hold("stopping", "LOCK TABLE users");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| user_of(&server, ROOT_TOKEN));
        let stuck = format!("SELECT count(*) {others} AND wait_event_type = 'Lock'");
        wait_until("stuck", || CLUSTER.sql("stopping", &stuck) == "1");
        server.signal("TERM");
        wait_until("stopping", || server.stderr().contains("shutting down idle worker"));
        drop(held);
        assert_eq!(waiting.join().unwrap(), 200, "{}", server.stderr());
    });
    assert_eq!(server.exit_within(PATIENCE), Some(0), "{}", server.stderr());
    assert_eq!(CLUSTER.sql("stopping", "SELECT last_used_at IS NOT NULL FROM tokens"), "t", "{}", server.stderr());
}
