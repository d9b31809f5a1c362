//! A server under load: how to start and stop it, and what the kernel knows about its process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::baseline::Baseline;

/// How long an answer may take before a run fails.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A process that listens; it is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The time from its start until it says where it listens.
    pub(crate) started_in: Duration,
}

/// A response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The size of head and body together.
    pub(crate) bytes: usize,
}

impl Server {
    /// Starts a process and waits until it says where it listens.
    fn start(command: &mut Command) -> Outcome<Self> {
        let began = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let mut address = None;
        for line in BufReader::new(stdout).lines() {
            if let Some((_, found)) = line?.split_once("listening on http://") {
                address = Some(found.parse()?);
                break;
            }
        }
        let started_in = began.elapsed();
        match address {
            Some(address) => Ok(Self { child, address, started_in }),
            None => Err(format!("{command:?} ended before it listened: {}", child.wait()?).into()),
        }
    }

    /// Starts the real server with its default settings. It logs to a file.
    pub(crate) fn real(binary: &Path, database: &str, log: &Path) -> Outcome<Self> {
        let mut command = Command::new(binary);
        command.args(["--listen", "127.0.0.1:0", "--external-url", "https://links.example.com"]);
        command.args(["--database", database]).env_remove("RELEASE_LINKS_LOG");
        Self::start(command.stderr(File::options().create(true).append(true).open(log)?))
    }

    /// Starts a baseline whose answers are `bytes` long on the wire.
    pub(crate) fn baseline(baseline: &Baseline, target: &str, bytes: usize) -> Outcome<Self> {
        let empty = Self::start(&mut baseline_command(baseline, 0)?)?;
        let head = empty.ask(target, None)?.bytes;
        drop(empty);
        // The `Content-Length` of the body has more digits than a zero.
        let body = bytes.saturating_sub(head);
        let body = body.saturating_sub(body.to_string().len() - 1);
        Self::start(&mut baseline_command(baseline, body)?)
    }

    /// Stops the server and waits until it has exited.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        let ended = self.child.wait()?;
        if ended.success() { Ok(()) } else { Err(format!("the server ended with {ended}").into()) }
    }

    /// Sends one request.
    pub(crate) fn ask(&self, target: &str, token: Option<&str>) -> Outcome<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let token = token.map(|token| format!("PRIVATE-TOKEN: {token}\r\n")).unwrap_or_default();
        stream.write_all(
            format!("GET {target} HTTP/1.1\r\nHost: bench\r\n{token}Connection: close\r\n\r\n").as_bytes(),
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let head = String::from_utf8_lossy(answer.get(..12).ok_or("an empty answer")?).into_owned();
        Ok(Answer { status: head.split(' ').nth(1).unwrap_or_default().parse()?, bytes: answer.len() })
    }

    /// Returns the processor time of its threads, in user and kernel mode.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // After the name, which may contain anything, utime and stime are the 12th and 13th fields; a tick is 10 ms on
        // Linux.
        let (_, fields) = stat.rsplit_once(") ").ok_or("no stat")?;
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Returns a line of its status in KiB: `VmRSS`, or `VmHWM` for the peak.
    pub(crate) fn memory(&self, line: &str) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        Ok(value.and_then(|value| value.split_whitespace().next()).ok_or("no such line")?.parse()?)
    }
}

fn baseline_command(baseline: &Baseline, body: usize) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["baseline", "--route", &baseline.route, "--status", &baseline.status.to_string()]);
    command.args(["--body", &body.to_string()]);
    if let Some(database) = &baseline.database {
        command.arg("--database").arg(database);
    }
    if let Some(url) = &baseline.postgres {
        command.args(["--postgres", url]);
    }
    if let Some(sql) = &baseline.sql {
        command.args(["--sql", sql]);
    }
    for name in &baseline.bind {
        command.args(["--bind", name]);
    }
    Ok(command)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
