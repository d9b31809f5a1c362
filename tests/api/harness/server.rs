//! The real binary as a child process.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::PATIENCE;

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
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

impl Launch {
    pub fn new() -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let mut launch = Self { directory, unread: false, arguments: Vec::new(), environment: Vec::new() }.bare();
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
        let mut command = Command::new(program);
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

    /// Starts it and waits until its log has these words, which it says before it listens.
    #[track_caller]
    pub fn start_until(&self, words: &str) -> Starting {
        let process = self.spawn();
        let deadline = Instant::now() + PATIENCE;
        while !process.stderr.so_far().contains(words) {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = process.stderr_lines.recv_timeout(left);
            assert!(line.is_ok(), "it does not say {words:?}, but {:?}", process.stderr.so_far());
        }
        Starting { process, directory: Arc::clone(&self.directory) }
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

/// What a stream of a process has said up to now.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Notes each line and hands it on; the sender is dropped when the stream ends.
    fn listen(&self, stream: impl Read + Send + 'static, lines: Sender<String>, judge: fn(&str)) {
        let said = self.clone();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                said.0.lock().unwrap().extend(&line);
                let text = String::from_utf8_lossy(&line).into_owned();
                judge(&text);
                // Nobody needs to listen any more.
                let _ = lines.send(text);
                line.clear();
            }
        });
    }
}

/// No server may write a token to its log, whatever any test of the run asks of it. A thread that reads along cannot fail
/// a test, so it ends them all.
fn end_the_run_if_a_token_stands_in(line: &str) {
    if ["glpat-", "glcbt-"].iter().any(|prefix| line.contains(prefix)) {
        eprintln!("a token stands in a server's log: {line}");
        std::process::exit(101);
    }
}

struct Process {
    child: Child,
    stdout: Said,
    stderr: Said,
    stdout_lines: Receiver<String>,
    stderr_lines: Receiver<String>,
}

impl Process {
    fn watch(mut child: Child) -> Self {
        let (stdout, stderr) = (Said::default(), Said::default());
        let (to_stdout, stdout_lines) = channel();
        let (to_stderr, stderr_lines) = channel();
        // On stdout a token is shown on purpose: root's first one, and those that a command was asked for.
        stdout.listen(child.stdout.take().unwrap(), to_stdout, |_| ());
        if let Some(stream) = child.stderr.take() {
            stderr.listen(stream, to_stderr, end_the_run_if_a_token_stands_in);
        }
        Self { child, stdout, stderr, stdout_lines, stderr_lines }
    }

    /// Waits for the end; both streams close with the process.
    #[track_caller]
    fn exit_within(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        for lines in [&self.stdout_lines, &self.stderr_lines] {
            loop {
                match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                    Ok(_) => {}
                    Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                    Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                        panic!("still running after {patience:?}; it said {}", self.stderr.so_far())
                    }
                }
            }
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it is over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that does not listen yet; it is killed when dropped.
pub struct Starting {
    process: Process,
    #[allow(dead_code, reason = "for those who wait until it listens")]
    directory: Arc<TempDir>,
}

impl Starting {
    pub fn stdout(&self) -> String {
        self.process.stdout.so_far()
    }

    pub fn stderr(&self) -> String {
        self.process.stderr.so_far()
    }

    /// Waits until it listens.
    #[allow(dead_code, reason = "only with PostgreSQL is there something to wait for")]
    #[track_caller]
    pub fn listening(self) -> Server {
        Server::await_ready(self.process, Some(self.directory))
    }
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
