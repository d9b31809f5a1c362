//! The log on stderr. Lines about requests gather for a moment and are written together, since a system call for each costs
//! more than what it tells about; warnings and errors go out at once, with whatever gathered before them.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{FormatFields, debug_fn};

/// How long a line may wait for others.
const GATHERED_FOR: Duration = Duration::from_millis(100);
/// How many bytes may wait, so that a reader who is slow slows the server down and does not fill its memory.
const MOST_GATHERED: usize = 64 * 1024;

/// The log; what gathered is written when it is dropped.
pub(crate) struct Log<W: Write + Send + 'static> {
    shared: Arc<Shared<W>>,
    thread: Option<JoinHandle<()>>,
}

/// What the log and its thread share.
struct Shared<W> {
    gathered: Mutex<Gathered<W>>,
    /// Told when there is something to write, and at the end.
    changed: Condvar,
}

struct Gathered<W> {
    lines: Vec<u8>,
    writer: W,
    ended: bool,
}

impl<W: Write + Send + 'static> Log<W> {
    /// Writes to `writer`.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(crate) fn to(writer: W) -> io::Result<Self> {
        let gathered = Mutex::new(Gathered { lines: Vec::new(), writer, ended: false });
        let shared = Arc::new(Shared { gathered, changed: Condvar::new() });
        let writing = shared.clone();
        let thread = thread::Builder::new().name("log".into()).spawn(move || writing.write_regularly())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Where lines go.
    pub(crate) fn lines(&self) -> Lines<W> {
        Lines(self.shared.clone())
    }
}

impl<W: Write + Send + 'static> Drop for Log<W> {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl<W: Write> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, Gathered<W>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_regularly(&self) {
        let mut gathered = self.lock();
        while !gathered.ended {
            let waits = |gathered: &mut Gathered<W>| gathered.lines.is_empty() && !gathered.ended;
            gathered = self.changed.wait_while(gathered, waits).unwrap_or_else(PoisonError::into_inner);
            let more = |gathered: &mut Gathered<W>| !gathered.ended;
            let waited = self.changed.wait_timeout_while(gathered, GATHERED_FOR, more);
            gathered = waited.unwrap_or_else(PoisonError::into_inner).0;
            gathered.write();
        }
        gathered.write();
    }
}

impl<W: Write> Gathered<W> {
    /// When nobody reads the log any more, the server serves on without it.
    fn write(&mut self) {
        let _ = self.writer.write_all(&self.lines).and_then(|()| self.writer.flush());
        self.lines.clear();
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
pub(crate) struct Lines<W>(Arc<Shared<W>>);

/// Takes one line.
pub(crate) struct Line<'a, W: Write> {
    shared: &'a Shared<W>,
    at_once: bool,
}

impl<'a, W: Write + 'a> MakeWriter<'a> for Lines<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { shared: &self.0, at_once: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Self::Writer {
        Line { shared: &self.0, at_once: *about.level() <= Level::WARN }
    }
}

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut gathered = self.shared.lock();
        let first = gathered.lines.is_empty();
        gathered.lines.extend_from_slice(line);
        if self.at_once || gathered.lines.len() > MOST_GATHERED {
            gathered.write();
        } else if first {
            self.shared.changed.notify_all();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Sends on whatever is written at once.
    struct Writes(Sender<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log() -> (Log<Writes>, Receiver<Vec<u8>>) {
        let (sender, receiver) = channel();
        (Log::to(Writes(sender)).unwrap(), receiver)
    }

    fn line(log: &Log<Writes>, text: &str, at_once: bool) {
        Line { shared: &log.shared, at_once }.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_line_says_its_message_and_fields_but_not_where_in_a_library_it_was_said() {
        let (log, written) = log();
        let lines = tracing_subscriber::fmt().with_writer(log.lines()).fmt_fields(fields());
        let lines = lines.without_time().with_target(false).with_ansi(false).finish();
        tracing::subscriber::with_default(lines, || tracing::info!(a = 1, log.file = "x.rs", b = "c", "said"));
        drop(log);
        assert_eq!(String::from_utf8(written.iter().flatten().collect()).unwrap(), " INFO said a=1 b=\"c\"\n");
    }

    #[test]
    fn a_line_is_written_though_no_other_follows() {
        let (log, written) = log();
        line(&log, "a\n", false);
        assert_eq!(written.recv_timeout(Duration::from_mins(1)).unwrap(), b"a\n");
        line(&log, "b\n", false);
        assert_eq!(written.recv_timeout(Duration::from_mins(1)).unwrap(), b"b\n");
    }

    #[test]
    fn an_error_is_written_at_once_after_what_came_before_it() {
        let (log, written) = log();
        line(&log, "a\n", false);
        line(&log, "b\n", true);
        drop(log);
        assert_eq!(written.iter().collect::<Vec<_>>().concat(), b"a\nb\n");
    }

    #[test]
    fn what_gathered_is_written_at_the_end() {
        let (log, written) = log();
        line(&log, "a\n", false);
        drop(log);
        assert_eq!(written.iter().collect::<Vec<_>>().concat(), b"a\n");
    }

    #[test]
    fn more_than_may_wait_is_written_by_whoever_brings_it() {
        let (log, written) = log();
        let whole = "x".repeat(MOST_GATHERED);
        line(&log, &whole, false);
        line(&log, "y\n", false);
        assert!(log.shared.lock().lines.len() <= MOST_GATHERED);
        drop(log);
        assert_eq!(written.iter().map(|part| part.len()).sum::<usize>(), MOST_GATHERED + 2);
    }
}
