//! The log on stderr, which one thread alone writes: whoever reads it slowly, or not at all, holds up nothing else. Lines about
//! requests gather for a moment and are written together, since a system call for each costs more than what it tells about;
//! warnings and errors go out at once, with whatever gathered before them. Lines for which there is no room are dropped and
//! counted.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{FormatFields, debug_fn};

/// How long a line may wait for others.
const GATHERED_FOR: Duration = Duration::from_millis(100);
/// How many bytes are written without waiting for more.
const ENOUGH_GATHERED: usize = 64 * 1024;
/// How many bytes may wait for a slow reader: a quarter of a second of a busy server's lines.
const MOST_GATHERED: usize = 1024 * 1024;
/// How long the end waits for the last lines to be written.
const LAST_LINES: Duration = Duration::from_secs(2);

/// The log; what gathered is written when it is dropped, if somebody reads it.
pub(crate) struct Log(Arc<Shared>);

/// What the log and its thread share.
struct Shared {
    gathered: Mutex<Gathered>,
    /// Told when there is something to write, and at the end.
    changed: Condvar,
}

#[derive(Default)]
struct Gathered {
    lines: Vec<u8>,
    /// How many lines there was no room for since that was last told.
    dropped: u64,
    /// Whether something waits that is not to wait for more.
    urgent: bool,
    /// Whose lines always find room: the one that tells how many did not.
    thread: Option<ThreadId>,
    ending: bool,
    ended: bool,
}

impl Log {
    /// Writes to `writer`. `tell_dropped` is called, on the thread that writes, with how many lines there was no room for.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(crate) fn to(
        writer: impl Write + Send + 'static,
        tell_dropped: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { gathered: Mutex::default(), changed: Condvar::new() });
        let writing = shared.clone();
        thread::Builder::new().name("log".into()).spawn(move || writing.write_regularly(writer, tell_dropped))?;
        Ok(Self(shared))
    }

    /// Where lines go.
    pub(crate) fn lines(&self) -> Lines {
        Lines(self.0.clone())
    }
}

impl Drop for Log {
    /// Waits for the last lines, but not for ever: the thread may be stuck in a write that nobody reads, and ends with the
    /// process.
    fn drop(&mut self) {
        let mut gathered = self.0.lock();
        gathered.ending = true;
        self.0.changed.notify_all();
        let waits = |gathered: &mut Gathered| !gathered.ended;
        drop(self.0.changed.wait_timeout_while(gathered, LAST_LINES, waits));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_regularly(&self, mut writer: impl Write, tell_dropped: impl Fn(u64)) {
        let mut lines = Vec::new();
        self.lock().thread = Some(thread::current().id());
        while let Some(dropped) = self.take(&mut lines) {
            // Its line goes where those that were dropped would have stood.
            if dropped > 0 {
                tell_dropped(dropped);
            }
            // When nobody reads the log any more, the server serves on without it.
            let _ = writer.write_all(&lines).and_then(|()| writer.flush());
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Waits for lines and takes them, and how many came after them in vain; nothing once all is written at the end.
    fn take(&self, lines: &mut Vec<u8>) -> Option<u64> {
        lines.clear();
        let waits = |gathered: &mut Gathered| gathered.lines.is_empty() && !gathered.ending;
        let gathered = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
        let gathers = |gathered: &mut Gathered| !gathered.urgent && !gathered.ending;
        let gathered = self.changed.wait_timeout_while(gathered, GATHERED_FOR, gathers);
        let mut gathered = gathered.unwrap_or_else(PoisonError::into_inner).0;
        if gathered.lines.is_empty() && gathered.ending {
            return None;
        }
        mem::swap(lines, &mut gathered.lines);
        gathered.urgent = false;
        Some(mem::take(&mut gathered.dropped))
    }

    /// Adds a line if there is room. Never waits for more than another line to be added.
    fn add(&self, line: &[u8], at_once: bool) {
        let mut gathered = self.lock();
        let is_ours = || gathered.thread == Some(thread::current().id());
        if gathered.lines.len() + line.len() > MOST_GATHERED && !is_ours() {
            gathered.dropped += 1;
            return;
        }
        let first = gathered.lines.is_empty();
        gathered.lines.extend_from_slice(line);
        let urgent = at_once || gathered.lines.len() >= ENOUGH_GATHERED;
        if first || (urgent && !gathered.urgent) {
            self.changed.notify_all();
        }
        gathered.urgent |= urgent;
    }
}

/// How a line says what it is about: the message, then `name=value`, without what the crate `log` adds of where in a library
/// it was said. The formatter's own way styles each even where nothing is to be coloured.
pub(crate) fn fields() -> impl for<'a> FormatFields<'a> + 'static {
    debug_fn(|line, field, value| match field.name() {
        "message" => write!(line, "{value:?}"),
        name if name.starts_with("log.") => Ok(()),
        name => write!(line, " {name}={value:?}"),
    })
}

/// Takes lines.
#[derive(Clone)]
pub(crate) struct Lines(Arc<Shared>);

impl Lines {
    /// Says something that is no event: what ends the process.
    pub(crate) fn say(&self, line: &str) {
        self.0.add(format!("{line}\n").as_bytes(), true);
    }
}

/// Takes one line.
pub(crate) struct Line<'a> {
    shared: &'a Shared,
    at_once: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { shared: &self.0, at_once: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Self::Writer {
        Line { shared: &self.0, at_once: *about.level() <= Level::WARN }
    }
}

impl Write for Line<'_> {
    /// Takes a whole line: the formatter writes each in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.add(line, self.at_once);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
