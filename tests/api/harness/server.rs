//! Starts, addresses and stops the real binary.

use std::ffi::{OsStr, OsString};
use std::io::PipeWriter;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::process::Process;
use super::{PATIENCE, database};

/// The token of the administrator `root` on every server, unless configured otherwise.
pub const ROOT_TOKEN: &str = "glpat-root-of-the-black-box-tests";

const BINARY: &str = env!("CARGO_BIN_EXE_release-links");

/// Kills the server when the process that started it exits, which closes the pipe on stdin, and then deletes the
/// directory.
///
/// Needed because a shared server is a `static`, which is never dropped.
const RUN_UNTIL_STDIN_CLOSES: &str = r#"
trap "" INT
"$@" & server=$!
exec >/dev/null 2>&1
read -r _
kill -KILL "$server"
wait "$server"
rm -rf -- "$0"
"#;

/// How to start a server: by default on a free port, with a database in one directory.
#[derive(Clone)]
pub struct Launch {
    directory: Arc<TempDir>,
    database_url: OsString,
    log: Option<Arc<PipeWriter>>,
    terminal: Option<Arc<OwnedFd>>,
    tool: Vec<OsString>,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

impl Launch {
    /// Uses a new database: a file, or whatever this run of the tests uses.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url =
            if database::on_postgres() { database::on_a_server().into() } else { database::in_a_file(&directory) };
        Self::with(directory, url)
    }

    /// Uses the database with that URL.
    pub fn on(url: &str) -> Self {
        Self::with(tempfile::tempdir().unwrap(), url.into())
    }

    fn with(directory: TempDir, database_url: OsString) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database"].map(OsString::from);
        let arguments = arguments.into_iter().chain([database_url.clone()]).collect();
        let directory = Arc::new(directory);
        let launch = Self {
            directory,
            database_url,
            log: None,
            terminal: None,
            tool: Vec::new(),
            arguments,
            environment: Vec::new(),
        };
        launch.env("RELEASE_LINKS_ROOT_TOKEN", ROOT_TOKEN)
    }

    /// Removes all arguments and settings, but keeps the directory.
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

    /// Connects stderr to a pipe whose reader is closed.
    pub fn with_unread_log(self) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.with_log_into(writer)
    }

    /// Connects stderr to `writer`.
    pub fn with_log_into(mut self, writer: PipeWriter) -> Self {
        self.log = Some(Arc::new(writer));
        self
    }

    /// Connects stdout to a terminal instead of a pipe that is watched.
    #[allow(dead_code, reason = "only tests/api uses it")]
    pub fn with_stdout_into(mut self, terminal: OwnedFd) -> Self {
        self.terminal = Some(Arc::new(terminal));
        self
    }

    /// Starts the server through a tool that executes it, such as `strace -D`.
    #[allow(dead_code, reason = "only tests/faults uses it")]
    pub fn under(mut self, tool: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.tool = tool.into_iter().map(Into::into).collect();
        self
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the database file, if the database is one.
    pub fn database(&self) -> PathBuf {
        self.directory().join(database::FILE)
    }

    pub fn database_url(&self) -> OsString {
        self.database_url.clone()
    }

    /// Returns everything that is stored, wherever that is, in named pieces.
    pub fn stored(&self) -> Vec<(String, Vec<u8>)> {
        database::stored(&self.database_url, self.directory())
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
        if let Some(writer) = &self.log {
            command.stderr(writer.try_clone().unwrap());
        }
        if let Some(terminal) = &self.terminal {
            command.stdout(terminal.try_clone().unwrap());
        }
        command
    }

    /// Starts the server and waits for nothing.
    fn spawn(&self) -> Process {
        Process::watch(self.command(BINARY).args(&self.arguments).spawn().unwrap())
    }

    /// Starts the server without waiting until it listens.
    pub fn begin(&self) -> Starting {
        Starting { process: self.spawn(), directory: Arc::clone(&self.directory) }
    }

    /// Starts the server and waits until its log contains `words`, which it logs before it listens.
    #[track_caller]
    pub fn start_until(&self, words: &str) -> Starting {
        let starting = self.begin();
        starting.process.await_on_stderr(words);
        starting
    }

    /// Starts the server and waits until it listens.
    #[track_caller]
    pub fn start(&self) -> Server {
        Server::await_ready(self.spawn(), Some(Arc::clone(&self.directory)))
    }

    /// Starts the server and kills it after that time, whether it listens by then or not.
    #[allow(dead_code, reason = "only tests/faults uses it")]
    pub fn start_and_kill(&self, after: Duration) {
        let process = self.spawn();
        thread::sleep(after);
        drop(process);
    }

    /// Starts a server that is killed with this process, and whose directory is then deleted.
    #[track_caller]
    pub fn start_for_all(self) -> Server {
        let mut command = self.command("sh");
        command.arg("-c").arg(RUN_UNTIL_STDIN_CLOSES).arg(self.directory()).arg(BINARY).args(&self.arguments);
        command.stdin(Stdio::piped());
        Server::await_ready(Process::watch(command.spawn().unwrap()), Some(self.directory))
    }

    /// Runs the command until it exits, which must be within the timeout.
    #[track_caller]
    pub fn run(&self) -> Ended {
        let mut process = self.spawn();
        let status = process.exit_within(PATIENCE);
        Ended { code: status.code(), stdout: process.stdout.so_far(), stderr: process.stderr.so_far() }
    }
}

/// A server that may not listen yet; it is killed when dropped.
pub struct Starting {
    process: Process,
    directory: Arc<TempDir>,
}

impl Starting {
    pub fn stdout(&self) -> String {
        self.process.stdout.so_far()
    }

    pub fn stderr(&self) -> String {
        self.process.stderr.so_far()
    }

    /// Waits until the server listens.
    #[track_caller]
    pub fn listening(self) -> Server {
        Server::await_ready(self.process, Some(self.directory))
    }
}

/// A process that has exited, and its output.
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
    other: Option<Box<Server>>,
    others_turn: AtomicBool,
    _directory: Option<Arc<TempDir>>,
}

impl Server {
    #[track_caller]
    fn await_ready(process: Process, directory: Option<Arc<TempDir>>) -> Self {
        let url = process.await_on_stdout("listening on http://");
        let address = url.split_whitespace().next().unwrap_or_default();
        let address = address.parse().unwrap_or_else(|_| panic!("no HOST:PORT in {url:?}"));
        let pid = process.child.id();
        let process = Mutex::new(process);
        Self { process, pid, address, other: None, others_turn: AtomicBool::new(false), _directory: directory }
    }

    /// Combines two servers on the same database, which take requests in turn.
    pub fn in_turn_with(self, other: Self) -> Self {
        Self { other: Some(Box::new(other)), ..self }
    }

    pub fn address(&self) -> SocketAddr {
        match &self.other {
            Some(other) if self.others_turn.fetch_not(Ordering::Relaxed) => other.address,
            _ => self.address,
        }
    }

    #[allow(dead_code, reason = "only tests/faults uses it")]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub fn stdout(&self) -> String {
        self.process.lock().unwrap().stdout.so_far()
    }

    pub fn stderr(&self) -> String {
        self.process.lock().unwrap().stderr.so_far()
    }

    /// Waits for a line on stderr that contains `text`.
    #[allow(dead_code, reason = "only tests/api uses it")]
    #[track_caller]
    pub fn await_on_stderr(&self, text: &str) {
        self.process.lock().unwrap().await_on_stderr(text);
    }

    /// Sends a signal by its short name, `TERM` or `INT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.pid.to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the server exits, and returns the exit code, or `None` if a signal killed it.
    #[track_caller]
    pub fn exit_within(&self, timeout: Duration) -> Option<i32> {
        self.process.lock().unwrap().exit_within(timeout).code()
    }

    /// Stops the server as an operator would.
    #[track_caller]
    pub fn stop(&self) {
        self.signal("TERM");
        assert_eq!(self.exit_within(PATIENCE), Some(0), "{}", self.stderr());
    }
}
