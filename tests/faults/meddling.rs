//! Making the system calls of a running server fail or wait, as a broken disk would, by means of strace.

use std::fmt::Display;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::harness::Server;

/// A strace on a running server, which goes on undisturbed once this is dropped.
pub struct Meddling(Child);

impl Meddling {
    /// Does that to calls, such as `pread64:error=EIO`, on files with those paths; on all when none is named.
    #[track_caller]
    pub fn with(server: &Server, rule: &str, paths: &[impl Display]) -> Self {
        let mut command = Command::new("strace");
        command.args(["-f", "-o", "/dev/null", "-e", &format!("inject={rule}")]);
        for path in paths {
            command.args(["-P", &path.to_string()]);
        }
        command.args(["-p", &server.pid().to_string()]).stderr(Stdio::piped());
        let mut strace = command.spawn().unwrap();
        let said = BufReader::new(strace.stderr.as_mut().unwrap()).lines().map_while(Result::ok);
        let attached = said.inspect(|line| println!("{line}")).any(|line| line.contains("attached"));
        assert!(attached, "strace could not attach to the server");
        Self(strace)
    }
}

impl Drop for Meddling {
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
