//! Throw-away `PostgreSQL` servers: made by `initdb` under a temporary folder, listening on 127.0.0.1, gone with the process
//! that started them, however that ends.
//!
//! Needs Debian's package `postgresql`. `PostgreSQL` does not run as root; there, its own user `postgres` runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ends the server with the process that started it, whose end closes the pipe on stdin, and then clears up.
const UNTIL_STDIN_ENDS: &str = r#"
trap "" INT
folder=$1; shift
"$@" & server=$!
exec >/dev/null 2>&1
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf -- "$folder"
"#;

/// One server with its data.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    keeper: Child,
}

impl Cluster {
    /// A new server that does not sync to disk: for tests that do not ask what a crash leaves.
    ///
    /// # Panics
    /// When there is no `PostgreSQL`, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
    }

    /// A new server with settings of its own, `name=value` each.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[must_use]
    pub fn start_with(settings: &[&str]) -> Self {
        let folder = new_folder();
        let data = folder.join("data");
        run(program("initdb")
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync"])
            .arg("--pgdata")
            .arg(&data));
        Self::serve(folder, settings)
    }

    /// Starts a server on the data that is in `folder`.
    fn serve(folder: PathBuf, settings: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
        let mut server = program("postgres");
        server.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
        server.args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=200",
        ]);
        for setting in settings {
            server.args(["-c", setting]);
        }
        let mut keeper = Command::new("sh");
        keeper.arg("-c").arg(UNTIL_STDIN_ENDS).arg("sh").arg(&folder).arg(server.get_program()).args(server.get_args());
        let log = fs::File::create(folder.join("log")).unwrap();
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).current_dir("/");
        let cluster = Self { folder, port, keeper: keeper.spawn().unwrap() };
        cluster.await_ready();
        cluster
    }

    fn await_ready(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.answers() {
            assert!(Instant::now() < deadline, "PostgreSQL does not start: {}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
            && self
                .psql("postgres")
                .args(["-c", "SELECT 1"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap()
                .success()
    }

    /// What the server has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// The port it listens on, at 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Makes a new, empty database and answers its URL.
    ///
    /// # Panics
    /// When there is one of that name.
    #[must_use]
    pub fn create_database(&self, name: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE \"{name}\""));
        self.url(name)
    }

    /// The URL of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a statement as an administrator and answers its rows, a line each, `|` between columns.
    ///
    /// # Panics
    /// When the statement fails.
    #[expect(clippy::must_use_candidate, reason = "many statements are run for what they do")]
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let output = self.psql(database).args(["-v", "ON_ERROR_STOP=1", "-c", statement]).output().unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Begins a transaction with a statement, such as one that locks, and keeps it open until what this answers is dropped.
    ///
    /// # Panics
    /// When the statement fails.
    #[must_use]
    pub fn hold(&self, database: &str, statement: &str) -> Held {
        let mut psql = self.psql(database);
        psql.args(["-v", "ON_ERROR_STOP=1"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut session = psql.spawn().unwrap();
        writeln!(session.stdin.as_mut().unwrap(), "BEGIN; {statement};\n\\echo held").unwrap();
        let mut said = String::new();
        BufReader::new(session.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "held\n", "{statement}");
        Held(session)
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(binary("psql"));
        psql.args(["-X", "-A", "-t", "-q"]).arg(self.url(database)).env("PGCONNECT_TIMEOUT", "5").current_dir("/");
        psql
    }
}

/// A transaction that is open.
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It fails only when it is over already.
        let _ = self.0.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // It fails only when it is over already.
        let _ = self.keeper.wait();
    }
}

/// A folder that `PostgreSQL`'s user may use.
fn new_folder() -> PathBuf {
    let folder = TempDir::with_prefix("postgres-").unwrap().keep();
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(&folder));
    }
    folder
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A program of `PostgreSQL`, to be run by a user that it accepts.
fn program(name: &str) -> Command {
    if !is_root() {
        return Command::new(binary(name));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(binary(name)).current_dir("/");
    command
}

/// Where Debian keeps a program: beside those of other versions, and not in the path.
fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> =
        versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| Path::new(name).to_owned())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
