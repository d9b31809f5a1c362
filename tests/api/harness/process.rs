//! A child process and its output.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// The output of a process so far, on one stream.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    pub fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Records each line and sends it on; the sender is dropped when the stream ends.
    fn listen(&self, stream: impl Read + Send + 'static, lines: Sender<String>, check: fn(&str)) {
        let output = self.clone();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                output.0.lock().unwrap().extend(&line);
                let text = String::from_utf8_lossy(&line).into_owned();
                check(&text);
                // The receiver may be gone: nobody is waiting any more.
                let _ = lines.send(text);
                line.clear();
            }
        });
    }
}

/// Aborts the whole run if a server logs a token, whichever test caused it: a reader thread cannot fail a test.
fn abort_on_token(line: &str) {
    if ["glpat-", "glcbt-"].iter().any(|prefix| line.contains(prefix)) {
        eprintln!("a server logged a token: {line}");
        std::process::exit(101);
    }
}

/// Returns the peak memory of a process in mebibytes.
pub fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// A child process; it is killed when dropped.
pub struct Process {
    pub child: Child,
    pub stdout: Output,
    pub stderr: Output,
    stdout_lines: Receiver<String>,
    stderr_lines: Receiver<String>,
}

impl Process {
    pub fn watch(mut child: Child) -> Self {
        let (stdout, stderr) = (Output::default(), Output::default());
        let (to_stdout, stdout_lines) = channel();
        let (to_stderr, stderr_lines) = channel();
        // Tokens on stdout are intended: root's first one, and those that a command creates.
        if let Some(stream) = child.stdout.take() {
            stdout.listen(stream, to_stdout, |_| ());
        }
        if let Some(stream) = child.stderr.take() {
            stderr.listen(stream, to_stderr, abort_on_token);
        }
        Self { child, stdout, stderr, stdout_lines, stderr_lines }
    }

    /// Waits for a line on stdout that contains `text`, and returns what follows it.
    #[track_caller]
    pub fn await_on_stdout(&self, text: &str) -> String {
        Self::await_text(&self.stdout_lines, text, &self.stderr)
    }

    /// Waits for a line on stderr that contains `text`, and returns what follows it.
    #[track_caller]
    pub fn await_on_stderr(&self, text: &str) -> String {
        Self::await_text(&self.stderr_lines, text, &self.stderr)
    }

    #[track_caller]
    fn await_text(lines: &Receiver<String>, text: &str, output: &Output) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = lines.recv_timeout(left) else {
                panic!("no {text:?}; the output was {:?}", output.so_far())
            };
            if let Some((_, rest)) = line.split_once(text) {
                return rest.to_owned();
            }
        }
    }

    /// Waits until the process exits, which closes both streams.
    #[track_caller]
    pub fn exit_within(&mut self, timeout: Duration) -> ExitStatus {
        let deadline = Instant::now() + timeout;
        for lines in [&self.stdout_lines, &self.stderr_lines] {
            loop {
                match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                    Ok(_) => {}
                    Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                    Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                        panic!("still running after {timeout:?}; the output was {}", self.stderr.so_far())
                    }
                }
            }
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the process has exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
