#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod keeper;
mod program;
mod standby;
mod tls;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::keeper::Keeper;
use crate::program::{binary, free_port, new_folder, program, run};

/// How long a server may take to start, to stop, or to catch up.
const PATIENCE: Duration = Duration::from_mins(1);

/// One server with its data. It keeps its port through all that happens to it.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    keeper: Mutex<Keeper>,
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
        let cluster = Self::without_data();
        run(program("initdb")
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync"])
            .arg("--pgdata")
            .arg(cluster.data()));
        cluster.set(&["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"]);
        cluster.set(settings);
        cluster.set_port();
        cluster.start_again();
        cluster
    }

    /// A place for a server, on a port that is free.
    fn without_data() -> Self {
        let folder = new_folder();
        let mut server = program("postgres");
        server.arg("-D").arg(folder.join("data"));
        let keeper = Mutex::new(Keeper::of(&folder, &server));
        Self { folder, port: free_port(), keeper }
    }

    fn set_port(&self) {
        self.set(&[&format!("port={}", self.port)]);
    }

    /// Adds settings to its file, where the last word counts.
    fn set(&self, settings: &[&str]) {
        let mut file = fs::File::options().append(true).open(self.data().join("postgresql.conf")).unwrap();
        for setting in settings {
            let (name, value) = setting.split_once('=').unwrap();
            writeln!(file, "{name} = '{value}'").unwrap();
        }
    }

    /// Starts a server that was stopped or killed, on its data and its port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        self.keeper().start();
        await_that(|| format!("PostgreSQL does not start: {}", self.log()), || self.answers());
    }

    /// Stops it in order: transactions are undone, connections closed.
    pub fn stop(&self) {
        self.keeper().stop();
    }

    /// Ends all its processes at once, so that none can say or write anything more.
    pub fn kill(&self) {
        self.keeper().kill();
    }

    /// Stops all its processes in the middle of what they do: nothing is answered, and no connection is refused or closed.
    pub fn freeze(&self) {
        self.keeper().freeze();
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.keeper().thaw();
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap()
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
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let output = self.psql(database).args(["-v", "ON_ERROR_STOP=1", "-c", statement]).output().unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Everything that a database holds, as text.
    ///
    /// # Panics
    /// When there is no such database.
    #[must_use]
    pub fn dump(&self, database: &str) -> String {
        let mut dump = Command::new(binary("pg_dump"));
        // Bytes as they are, where they are letters.
        dump.env("PGOPTIONS", "-c bytea_output=escape").arg(self.url(database)).current_dir("/");
        let output = dump.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Begins a transaction with a statement, and holds whatever that locks until it is dropped.
    ///
    /// # Panics
    /// When the statement fails.
    #[must_use]
    pub fn hold(&self, database: &str, statement: &str) -> Held {
        let mut psql = self.psql(database);
        let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        writeln!(psql.stdin.as_ref().unwrap(), "\\set ON_ERROR_STOP 1\nBEGIN;\n{statement};\n\\echo held").unwrap();
        let mut lines = BufReader::new(psql.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "held"), "{statement}");
        Held(psql)
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(binary("psql"));
        psql.args(["-X", "-A", "-t", "-q"]).arg(self.url(database)).env("PGCONNECT_TIMEOUT", "5").current_dir("/");
        psql
    }
}

/// A transaction that is undone when this is dropped.
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It fails only when it is over already.
        let _ = self.0.wait();
    }
}

#[track_caller]
fn await_that(complaint: impl Fn() -> String, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{}", complaint());
        thread::sleep(Duration::from_millis(50));
    }
}
