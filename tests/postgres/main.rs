//! The real binary on `PostgreSQL`: which databases it starts on, and which it waits for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

#[path = "../api/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the harness of the black-box tests has more than these need")]
mod harness;
mod starting;
