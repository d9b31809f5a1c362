//! Tests of the log.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

const TIMEOUT: Duration = Duration::from_mins(1);

/// Forwards everything that is written.
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

/// A pipe that nobody reads until `resume`: reports that a write has begun, and blocks.
struct Stuck {
    begun: Sender<()>,
    resume: Receiver<()>,
    written: Writes,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.begun.send(());
        let _ = self.resume.recv();
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log() -> (Log, Receiver<Vec<u8>>) {
    let (sender, receiver) = channel();
    (Log::to(Writes(sender), |_| ()).unwrap(), receiver)
}

/// Returns what a subscriber writes about these events.
pub(super) fn logged_by<S>(subscriber: impl FnOnce(Lines) -> S, events: impl FnOnce()) -> String
where
    S: tracing::Subscriber + Send + Sync + 'static,
{
    let (log, written) = log();
    tracing::subscriber::with_default(subscriber(log.lines()), events);
    drop(log);
    text(&written)
}

/// A log that is blocked in writing its first line.
struct StuckLog {
    log: Log,
    resume: Sender<()>,
    written: Receiver<Vec<u8>>,
    dropped: Receiver<u64>,
}

fn stuck() -> StuckLog {
    let ((begun, has_begun), (resume, resumed), (sender, written)) = (channel(), channel(), channel());
    let (tell, dropped) = channel();
    let writer = Stuck { begun, resume: resumed, written: Writes(sender) };
    let log = Log::to(writer, move |count| tell.send(count).unwrap_or_default()).unwrap();
    line(&log, "first\n", true);
    has_begun.recv_timeout(TIMEOUT).unwrap();
    StuckLog { log, resume, written, dropped }
}

fn line(log: &Log, text: &str, at_once: bool) {
    log.lines().add(text.as_bytes(), at_once);
}

fn text(written: &Receiver<Vec<u8>>) -> String {
    String::from_utf8(written.iter().flatten().collect()).unwrap()
}

#[test]
fn a_line_is_written_even_if_no_other_follows() {
    let (log, written) = log();
    line(&log, "a\n", false);
    assert_eq!(written.recv_timeout(TIMEOUT).unwrap(), b"a\n");
    line(&log, "b\n", false);
    assert_eq!(written.recv_timeout(TIMEOUT).unwrap(), b"b\n");
}

#[test]
fn an_error_is_written_after_earlier_lines() {
    let (log, written) = log();
    line(&log, "a\n", false);
    line(&log, "b\n", true);
    drop(log);
    assert_eq!(text(&written), "a\nb\n");
}

#[test]
fn collected_lines_are_written_on_shutdown() {
    let (log, written) = log();
    line(&log, "a\n", false);
    line(&log, "b\n", true);
    drop(log);
    assert_eq!(text(&written), "a\nb\n");
}

#[test]
fn lines_beyond_the_capacity_are_dropped_and_counted_warnings_included() {
    let StuckLog { log, resume, written, dropped } = stuck();
    let whole = "x".repeat(CAPACITY - 1) + "\n";
    line(&log, &whole, false);
    for at_once in [true, false, true] {
        line(&log, "lost\n", at_once);
    }
    assert_eq!(log.0.lock().lines.len(), CAPACITY);
    drop(resume);
    assert_eq!(dropped.recv_timeout(TIMEOUT).unwrap(), 3);
    line(&log, "last\n", true);
    drop(log);
    assert_eq!(text(&written), format!("first\n{whole}last\n"));
    assert_eq!(dropped.iter().sum::<u64>(), 0);
}

#[test]
fn dropped_lines_are_reported_even_if_the_buffer_is_full_again() {
    let ((begun, has_begun), (resume, resumed), (sender, written)) = (channel(), channel(), channel());
    let writer = Stuck { begun, resume: resumed, written: Writes(sender) };
    let (give, lines) = channel::<Lines>();
    let whole = "x".repeat(CAPACITY);
    let filling = whole.clone();
    let tell = move |count| {
        let lines: Lines = lines.recv().unwrap();
        thread::scope(|scope| scope.spawn(|| lines.0.add(filling.as_bytes(), false)).join().unwrap());
        lines.add(format!("{count} dropped\n").as_bytes(), true);
    };
    let log = Log::to(writer, tell).unwrap();
    give.send(log.lines()).unwrap();
    line(&log, "first\n", true);
    has_begun.recv_timeout(TIMEOUT).unwrap();
    line(&log, &whole, false);
    line(&log, "lost\n", false);
    drop(resume);
    drop(log);
    assert!(text(&written).ends_with("x1 dropped\n"));
}

#[test]
fn a_shutdown_does_not_wait_forever_for_a_log_that_nobody_reads() {
    let StuckLog { log, resume, written, .. } = stuck();
    line(&log, "second\n", false);
    drop(log);
    assert!(written.try_recv().is_err(), "the shutdown did not wait for the write");
    drop(resume);
}

#[test]
fn the_page_of_limits_has_the_numbers_of_the_log() {
    let page = include_str!("../../../../docs/limits.md");
    let told: Vec<(&str, String)> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("`crates/app/src/log.rs`"))
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1], cells[2].replace(',', ""))
        })
        .collect();
    let limits = [
        ("Lines that wait for a slow reader, bytes", CAPACITY.to_string()),
        ("Lines that are written without waiting for more, bytes", FLUSH_SIZE.to_string()),
        ("Time for the last lines at the end, seconds", SHUTDOWN_TIMEOUT.as_secs().to_string()),
    ];
    assert_eq!(told, limits);
}
