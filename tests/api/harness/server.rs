//! The real binary: how it is started, spoken to and ended.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::PATIENCE;
use super::process::Process;

/// The token of the administrator `root` on every server that is not told otherwise.
pub const ROOT_TOKEN: &str = "glpat-root-of-the-black-box-tests";

const BINARY: &str = env!("CARGO_BIN_EXE_release-links");

/// Ends the server with the process that started it, whose end closes the pipe on stdin, and then clears up.
///
/// A shared server lives in a `static`, which is never dropped.
const UNTIL_STDIN_ENDS: &str = r#"
trap "" INT
"$@" & server=$!
exec >/dev/null 2>&1
read -r _
kill -KILL "$server"
wait "$server"
rm -rf -- "$0"
"#;

/// How a server is to be started: on a free port, on the database in one directory.
#[derive(Clone)]
pub struct Launch {
    directory: Arc<TempDir>,
    unread: bool,
    tool: Vec<OsString>,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

impl Launch {
    pub fn new() -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let mut launch =
            Self { directory, unread: false, tool: Vec::new(), arguments: Vec::new(), environment: Vec::new() }.bare();
        launch.arguments = vec!["serve".into(), "--listen".into(), "127.0.0.1:0".into(), "--database".into()];
        launch.arguments.push(launch.database_url());
        launch.env("RELEASE_LINKS_ROOT_TOKEN", ROOT_TOKEN)
    }

    /// Drops all arguments and settings, and keeps the directory.
    pub fn bare(mut self) -> Self {
        self.arguments.clear();
        self.environment.clear();
        self
    }

    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub fn without_root_token(mut self) -> Self {
        self.environment.retain(|(name, _)| name != "RELEASE_LINKS_ROOT_TOKEN");
        self
    }

    /// Gives it a stderr that nobody reads any more.
    pub fn with_unread_log(mut self) -> Self {
        self.unread = true;
        self
    }

    /// Starts it by a tool that becomes it, such as `strace -D`.
    #[allow(dead_code, reason = "asked for by tests/faults alone")]
    pub fn under(mut self, tool: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.tool = tool.into_iter().map(Into::into).collect();
        self
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn database(&self) -> PathBuf {
        self.directory().join("release-links.db")
    }

    pub fn database_url(&self) -> OsString {
        let mut url = OsString::from("sqlite:");
        url.push(self.database());
        url
    }

    fn command(&self, program: &str) -> Command {
        let mut words = self.tool.iter().map(OsString::as_os_str).chain([OsStr::new(program)]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RELEASE_LINKS_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.directory()).stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
        if self.unread {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            command.stderr(writer);
        }
        command
    }

    /// Starts it and leaves it to run or to end.
    fn spawn(&self) -> Process {
        Process::watch(self.command(BINARY).args(&self.arguments).spawn().unwrap())
    }

    /// Starts it and waits until it listens.
    #[track_caller]
    pub fn start(&self) -> Server {
        Server::await_ready(self.spawn(), Some(Arc::clone(&self.directory)))
    }

    /// Starts it and kills it after that time, whether it listens by then or not.
    #[allow(dead_code, reason = "asked for by tests/faults alone")]
    pub fn start_and_kill(&self, after: Duration) {
        let process = self.spawn();
        thread::sleep(after);
        drop(process);
    }

    /// Starts one that ends with this process and takes its directory along.
    #[track_caller]
    pub fn start_for_all(self) -> Server {
        let mut command = self.command("sh");
        command.arg("-c").arg(UNTIL_STDIN_ENDS).arg(self.directory()).arg(BINARY).args(&self.arguments);
        command.stdin(Stdio::piped());
        Server::await_ready(Process::watch(command.spawn().unwrap()), Some(self.directory))
    }

    /// Runs it to its end, which is to be near.
    #[track_caller]
    pub fn run(&self) -> Ended {
        let mut process = self.spawn();
        let status = process.exit_within(PATIENCE);
        Ended { code: status.code(), stdout: process.stdout.so_far(), stderr: process.stderr.so_far() }
    }
}

/// A process that is over, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A server that listens; it is killed when dropped.
pub struct Server {
    process: Mutex<Process>,
    pid: u32,
    address: SocketAddr,
    _directory: Option<Arc<TempDir>>,
}

impl Server {
    #[track_caller]
    fn await_ready(process: Process, directory: Option<Arc<TempDir>>) -> Self {
        let deadline = Instant::now() + PATIENCE;
        let address = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = process.stdout_lines.recv_timeout(left) else {
                panic!("the server does not listen; it said {:?}", process.stderr.so_far());
            };
            if let Some((_, url)) = line.split_once("listening on http://") {
                let address = url.split_whitespace().next().unwrap_or_default();
                break address.parse().unwrap_or_else(|_| panic!("no HOST:PORT in {line:?}"));
            }
        };
        let pid = process.child.id();
        Self { process: Mutex::new(process), pid, address, _directory: directory }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[allow(dead_code, reason = "asked for by tests/faults alone")]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub fn stdout(&self) -> String {
        self.process.lock().unwrap().stdout.so_far()
    }

    pub fn stderr(&self) -> String {
        self.process.lock().unwrap().stderr.so_far()
    }

    /// Sends a signal by its short name, `TERM` or `INT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.pid.to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end and answers the exit code, none when a signal ended it.
    #[track_caller]
    pub fn exit_within(&self, patience: Duration) -> Option<i32> {
        self.process.lock().unwrap().exit_within(patience).code()
    }

    /// Ends it as an operator would.
    #[track_caller]
    pub fn stop(&self) {
        self.signal("TERM");
        assert_eq!(self.exit_within(PATIENCE), Some(0), "{}", self.stderr());
    }
}
