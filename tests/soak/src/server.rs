//! The real server: how to start it, and what the kernel knows about its process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Outcome;

/// The administrator's token on every server of the soak.
pub(crate) const ROOT: &str = "glpat-root-of-the-soak-and-the-fuzzer";

/// A server that listens; it is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the server with its default settings and 512 descriptors. It logs to a file.
    pub(crate) fn real(binary: &Path, database: &str, log: &Path) -> Outcome<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n 512; exec \"$0\" \"$@\""]).arg(binary);
        command.args(["--listen", "127.0.0.1:0", "--external-url", "https://links.example.com"]);
        command.args(["--database", database]).env_remove("RELEASE_LINKS_LOG").env("RELEASE_LINKS_ROOT_TOKEN", ROOT);
        command.stderr(File::options().create(true).append(true).open(log)?).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        for line in BufReader::new(stdout).lines() {
            if let Some((_, found)) = line?.split_once("listening on http://") {
                return Ok(Self { address: found.trim().parse()?, child });
            }
        }
        Err(format!("the server ended before it listened: {}", child.wait()?).into())
    }

    /// Stops the server and waits until it has exited.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        let ended = self.child.wait()?;
        if ended.success() { Ok(()) } else { Err(format!("the server ended with {ended}").into()) }
    }

    /// Returns a line of its status in KiB: `VmRSS`, or `VmHWM` for the peak.
    pub(crate) fn memory(&self, line: &str) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        Ok(value.and_then(|value| value.split_whitespace().next()).ok_or("the server has died")?.parse()?)
    }

    /// Resets the peak of its memory.
    pub(crate) fn forget_peak(&self) -> Outcome<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    pub(crate) fn descriptors(&self) -> Outcome<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
