//! The log on stderr, written by a thread of its own, so that a slow or absent reader blocks nothing else.
//!
//! Lines about requests are collected for a moment and written together, because a system call for each costs more than
//! the request. Warnings and errors are written at once, with the lines collected before them. Lines that exceed the
//! buffer are dropped and counted.

pub(crate) mod filter;
pub(crate) mod format;
pub(crate) mod line;

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long a line may wait to be written together with others.
const FLUSH_DELAY: Duration = Duration::from_millis(100);
/// The number of bytes that are written without waiting for more.
const FLUSH_SIZE: usize = 64 * 1024;
/// The number of bytes that may wait for a slow reader: a quarter of a second of a busy server's lines.
const CAPACITY: usize = 1024 * 1024;
/// How long a shutdown waits for the last lines to be written.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// The log. Dropping it writes the collected lines, provided that somebody reads them.
pub(crate) struct Log(Arc<Shared>);

/// What the log and its thread share.
struct Shared {
    buffer: Mutex<Buffer>,
    /// Notified when there is something to write, and on shutdown.
    changed: Condvar,
}

#[derive(Default)]
struct Buffer {
    lines: Vec<u8>,
    /// How many lines were dropped since the last report.
    dropped: u64,
    /// Whether a line is waiting that must be written at once.
    urgent: bool,
    /// The writer thread, whose lines are never dropped: it reports how many were.
    thread: Option<ThreadId>,
    ending: bool,
    ended: bool,
}

impl Log {
    /// Starts a log that writes to `writer`. The writer thread calls `report_dropped` with the number of dropped lines.
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub(crate) fn to(
        writer: impl Write + Send + 'static,
        report_dropped: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { buffer: Mutex::default(), changed: Condvar::new() });
        let writing = shared.clone();
        thread::Builder::new().name("log".into()).spawn(move || writing.run_writer(writer, report_dropped))?;
        Ok(Self(shared))
    }

    /// A handle that adds lines.
    pub(crate) fn lines(&self) -> Lines {
        Lines(self.0.clone())
    }
}

impl Drop for Log {
    /// Waits for the last lines, but not forever: the thread may be blocked in a write that nobody reads, and ends with the
    /// process.
    fn drop(&mut self) {
        let mut buffer = self.0.lock();
        buffer.ending = true;
        self.0.changed.notify_all();
        let waits = |buffer: &mut Buffer| !buffer.ended;
        drop(self.0.changed.wait_timeout_while(buffer, SHUTDOWN_TIMEOUT, waits));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_writer(&self, mut writer: impl Write, report_dropped: impl Fn(u64)) {
        let mut lines = Vec::new();
        self.lock().thread = Some(thread::current().id());
        while let Some(dropped) = self.take(&mut lines) {
            // The report is written in place of the dropped lines.
            if dropped > 0 {
                report_dropped(dropped);
            }
            // If nobody reads the log any more, the server continues without it.
            let _ = writer.write_all(&lines).and_then(|()| writer.flush());
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Waits for lines and takes them, with the number of lines dropped since; `None` once everything is written on shutdown.
    fn take(&self, lines: &mut Vec<u8>) -> Option<u64> {
        lines.clear();
        let waits = |buffer: &mut Buffer| buffer.lines.is_empty() && !buffer.ending;
        let buffer = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
        let collects = |buffer: &mut Buffer| !buffer.urgent && !buffer.ending;
        let buffer = self.changed.wait_timeout_while(buffer, FLUSH_DELAY, collects);
        let mut buffer = buffer.unwrap_or_else(PoisonError::into_inner).0;
        if buffer.lines.is_empty() && buffer.ending {
            return None;
        }
        mem::swap(lines, &mut buffer.lines);
        buffer.urgent = false;
        Some(mem::take(&mut buffer.dropped))
    }

    /// Adds a line if it fits into the buffer. Waits at most for another line to be added.
    fn add(&self, line: &[u8], at_once: bool) {
        let mut buffer = self.lock();
        let is_ours = || buffer.thread == Some(thread::current().id());
        if buffer.lines.len() + line.len() > CAPACITY && !is_ours() {
            buffer.dropped += 1;
            return;
        }
        let first = buffer.lines.is_empty();
        buffer.lines.extend_from_slice(line);
        let urgent = at_once || buffer.lines.len() >= FLUSH_SIZE;
        if first || (urgent && !buffer.urgent) {
            self.changed.notify_all();
        }
        buffer.urgent |= urgent;
    }
}

/// Adds lines to the log.
#[derive(Clone)]
pub(crate) struct Lines(Arc<Shared>);

impl Lines {
    /// Adds a whole line; one that must not wait is written at once.
    pub(crate) fn add(&self, line: &[u8], at_once: bool) {
        self.0.add(line, at_once);
    }
}

#[cfg(test)]
mod tests;
