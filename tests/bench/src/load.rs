//! Runs a bounded load on one server with `wrk`, and reads its result.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Outcome;
use crate::server::Server;

/// How many connections a load uses.
pub(crate) const CONNECTIONS: u32 = 64;
/// How many requests of a load are sent one by one first, to check that each has the expected answer.
const SAMPLE: usize = 20;

/// The requests of a load, and the answers that are expected.
pub(crate) struct Load {
    /// Methods, `GET` or `POST`, and targets.
    pub(crate) requests: Vec<(&'static str, String)>,
    pub(crate) token: Option<String>,
    /// The status of every GET.
    pub(crate) status: u16,
}

/// The result of one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    /// Latencies in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Processor time of the server, in microseconds per request.
    pub(crate) cpu: f64,
}

/// Where files of loads are stored, and how long a run lasts.
pub(crate) struct Generator<'a> {
    pub(crate) directory: &'a Path,
    /// The log of the real servers, which is emptied before each run.
    pub(crate) log: &'a Path,
    pub(crate) seconds: u64,
}

static RUNS: AtomicU64 = AtomicU64::new(0);

impl Load {
    /// Returns the first request that changes nothing.
    pub(crate) fn example(&self) -> Outcome<&str> {
        let first = self.requests.iter().find(|(method, _)| *method == "GET");
        Ok(first.map(|(_, target)| target.as_str()).ok_or("a load without a GET")?)
    }

    /// Checks that the server answers as expected.
    pub(crate) fn check(&self, server: &Server) -> Outcome<()> {
        for (_, target) in self.requests.iter().filter(|(method, _)| *method == "GET").take(SAMPLE) {
            let status = server.ask(target, self.token.as_deref())?.status;
            if status != self.status {
                return Err(format!("{target} was answered with {status}, not {}", self.status).into());
            }
        }
        Ok(())
    }

    /// Checks that a run had only expected answers. `wrk` counts only statuses from 400 on.
    fn judge(&self, requests: u64, refusals: u64, broken: u64) -> Outcome<()> {
        let expected = if self.status >= 400 { requests } else { 0 };
        if requests == 0 || refusals != expected || broken > 0 {
            let what = format!("{requests} answers, {refusals} of them refusals, {broken} aborted");
            return Err(format!("{what}; expected were {expected} refusals").into());
        }
        Ok(())
    }
}

impl Generator<'_> {
    /// Runs a load on one server, or half of it on each of two.
    pub(crate) fn run(&self, servers: &[&Server], load: &Load) -> Outcome<Run> {
        let [first, others @ ..] = servers else { return Err("no server".into()) };
        servers.iter().try_for_each(|server| load.check(server))?;
        fs::write(self.log, "")?;
        let file = self.directory.join("requests");
        let lines: Vec<_> = load.requests.iter().map(|(method, target)| format!("{method} {target}\n")).collect();
        fs::write(&file, lines.concat())?;
        let script = self.directory.join("load.lua");
        fs::write(&script, include_str!("../load.lua"))?;
        let run = format!("run-{}", RUNS.fetch_add(1, Ordering::Relaxed));
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "2", "--timeout", "10s", "--connections", &CONNECTIONS.to_string()]);
        wrk.arg("--duration").arg(format!("{}s", self.seconds)).arg("--script").arg(&script);
        wrk.arg(format!("http://{}", first.address)).arg("--").arg(&file);
        wrk.arg(load.token.as_deref().unwrap_or("-")).arg(run);
        if let Some(other) = others.first() {
            wrk.env("OTHER_PORT", other.address.port().to_string());
        }
        let cpu = || servers.iter().map(|server| server.cpu()).sum::<Outcome<Duration>>();
        let before = cpu()?;
        let output = wrk.output()?;
        let cpu = cpu()?.saturating_sub(before);
        let text = String::from_utf8(output.stdout)?;
        let line = text.lines().find_map(|line| line.strip_prefix("result "));
        let line = line.ok_or_else(|| format!("wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
        let numbers = line.split(' ').map(str::parse).collect::<Result<Vec<u32>, _>>()?;
        let [requests, micros, refusals, broken, p50, p99] = numbers[..] else {
            return Err(format!("unexpected output of wrk: {line:?}").into());
        };
        load.judge(requests.into(), refusals.into(), broken.into())?;
        let (count, micros) = (f64::from(requests), f64::from(micros));
        Ok(Run {
            requests: requests.into(),
            per_second: count / micros * 1e6,
            p50: f64::from(p50) / 1e3,
            p99: f64::from(p99) / 1e3,
            cpu: cpu.as_secs_f64() * 1e6 / count,
        })
    }
}
