//! The real binary on PostgreSQL: on which databases it starts, for which it waits, how it stops, how often a request waits for
//! it, and what is copied to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

mod copying;
mod counting;
#[path = "../api/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the harness of the black-box tests has more than these need")]
mod harness;
mod round_trips;
mod starting;
mod stopping;

use std::sync::LazyLock;

use harness::{Launch, ROOT_TOKEN, Request, Server};
use release_links_cluster::Cluster;

/// One for all tests; it ends with this process.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// How a server is to be started on a database.
fn serving(url: &str) -> Launch {
    let launch = Launch::new().bare().env("RELEASE_LINKS_ROOT_TOKEN", ROOT_TOKEN).arg("serve");
    launch.arg("--listen").arg("127.0.0.1:0").arg("--database").arg(url)
}

/// The status of a request for the user of a token.
fn user_of(server: &Server, token: &str) -> u16 {
    Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", token).send().status
}
