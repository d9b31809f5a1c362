//! The permission matrix (docs/contract.md, "Permissions", "Credentials", "Permanent links", "Releases" and "Provisioning"): who may do what, tried one by one on the real binary.
//!
//! Expected values are the contract's tables, written down once more in [`expected`] and [`rows`].

mod callers;
mod endpoints;
mod expected;
mod order;
mod projects;
mod provisioning;
mod releases;
mod routes;
mod rows;
mod stage;
mod wire;

pub use routes::routes;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use crate::harness::{Launch, Response, Server};

const EXTERNAL: &str = "https://gitlab.example.com";

/// A server of one's own: what is counted in the end is what the matrix wrote.
fn server() -> Arc<Server> {
    Arc::new(Launch::new().arg("--external-url").arg(EXTERNAL).start())
}

/// How an answer differs from status and body, if it does.
fn unlike(answer: &Response, status: u16, body: Option<&str>) -> Option<String> {
    if answer.status == status && body.is_none_or(|body| answer.text == body) {
        return None;
    }
    Some(format!("expected {status} {}, got {} {}", body.unwrap_or(""), answer.status, answer.text))
}

/// All of an answer that may tell something: not the time, the number of the request and the order of headers, which is
/// never the same.
pub fn visible(answer: &Response) -> String {
    let mut visible = vec![format!("{} {}", answer.status, answer.text)];
    let telling = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"));
    visible.extend(telling.map(|(name, value)| format!("{name}: {value}")));
    visible[1..].sort_unstable();
    visible.join(" | ")
}

/// Everything that does not hold, to be told in one go.
#[derive(Default)]
struct Report {
    faults: Vec<String>,
}

impl Report {
    fn fault(&mut self, case: &str, fault: &str) {
        self.faults.push(format!("{case}\n    {fault}"));
    }

    /// Prints the number of cases, past the capture of the test harness, and fails with all faults.
    fn conclude(mut self, name: &str, cases: usize, started: Instant) {
        let seconds = started.elapsed().as_secs_f32();
        let faults = self.faults.len();
        let line = format!("{name}: {cases} cases in {seconds:.1} s, {faults} do not hold\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        assert!(cases > 0);
        self.faults.sort();
        assert!(self.faults.is_empty(), "{line}{}", self.faults.join("\n"));
    }
}
