//! Faults, and what becomes of acknowledged writes: the real binary when it is killed, locked out, overloaded, or on damaged data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

mod crashes;
mod damaged;
#[path = "../api/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "made for all black-box tests, of which these are a few")]
mod harness;
mod ledger;
mod locked;
mod looking;
mod published;

/// How often the short loops kill the server, and tell it to stop.
const KILLS: u32 = 5;
const STOPS: u32 = 2;

#[test]
fn nothing_acknowledged_is_lost_when_it_is_killed_under_writers() {
    crashes::kills(KILLS);
}

#[test]
fn nothing_acknowledged_is_lost_when_it_is_told_to_stop_under_writers() {
    crashes::stops(STOPS);
}
