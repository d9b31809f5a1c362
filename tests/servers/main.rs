//! Several servers on one database, and what happens when it fails: real binaries on real PostgreSQL servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

mod agreeing;
mod books;
mod encrypted;
mod failover;
mod ground;
#[path = "../api/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "made for all black-box tests, of which these are a few")]
mod harness;
mod killed_connections;
mod outages;
mod publishing;
mod starting;
mod unknown;
mod waiting;
