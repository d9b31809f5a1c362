//! A child process and its output.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// What a stream of a process has said up to now.
#[derive(Clone, Default)]
pub struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    pub fn so_far(&self) -> String {
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

/// The most memory that a process has had at once, in mebibytes.
pub fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// A child process; it is killed when dropped.
pub struct Process {
    pub child: Child,
    pub stdout: Said,
    pub stderr: Said,
    stdout_lines: Receiver<String>,
    stderr_lines: Receiver<String>,
}

impl Process {
    pub fn watch(mut child: Child) -> Self {
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

    /// Waits for a line on stdout with those words, and answers what follows them.
    #[track_caller]
    pub fn await_on_stdout(&self, words: &str) -> String {
        Self::await_words(&self.stdout_lines, words, &self.stderr)
    }

    /// Waits for a line on stderr with those words, and answers what follows them.
    #[track_caller]
    pub fn await_on_stderr(&self, words: &str) -> String {
        Self::await_words(&self.stderr_lines, words, &self.stderr)
    }

    #[track_caller]
    fn await_words(lines: &Receiver<String>, words: &str, said: &Said) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = lines.recv_timeout(left) else { panic!("no {words:?}; it said {:?}", said.so_far()) };
            if let Some((_, rest)) = line.split_once(words) {
                return rest.to_owned();
            }
        }
    }

    /// Waits for the end; both streams close with the process.
    #[track_caller]
    pub fn exit_within(&mut self, patience: Duration) -> ExitStatus {
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
