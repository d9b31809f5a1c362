//! Faults that take root, strace or minutes to cause: `tests/run faults` runs them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this crate is tests; clippy looks for `#[test]` alone and so misses the harness"
)]

mod closed_files;
mod crashes;
mod disk;
mod failing_disk;
mod full_disk;
mod full_queue;
#[path = "../api/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "made for all black-box tests, of which these are a few")]
mod harness;
mod ledger;
mod looking;
mod meddling;
mod power_loss;
mod published;
mod trace;
mod uploads;

/// How often the crash loop kills the server, if `FAULTS_KILLS` does not say otherwise.
const KILLS: u32 = 200;

#[test]
fn nothing_acknowledged_is_lost_however_often_it_is_killed_under_writers() {
    let kills = std::env::var("FAULTS_KILLS").map_or(KILLS, |kills| kills.parse().expect("FAULTS_KILLS is a number"));
    crashes::kills(kills);
}
