use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

const LONG: Duration = Duration::from_mins(1);

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

/// A pipe that nobody reads until it is told to go on: says that a write has begun, and waits.
struct Stuck {
    begun: Sender<()>,
    go_on: Receiver<()>,
    written: Writes,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.begun.send(());
        let _ = self.go_on.recv();
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

/// A log that is stuck in writing a first line.
struct StuckLog {
    log: Log,
    go_on: Sender<()>,
    written: Receiver<Vec<u8>>,
    dropped: Receiver<u64>,
}

fn stuck() -> StuckLog {
    let ((begun, has_begun), (go_on, may_go_on), (sender, written)) = (channel(), channel(), channel());
    let (tell, dropped) = channel();
    let writer = Stuck { begun, go_on: may_go_on, written: Writes(sender) };
    let log = Log::to(writer, move |count| tell.send(count).unwrap_or_default()).unwrap();
    line(&log, "first\n", true);
    has_begun.recv_timeout(LONG).unwrap();
    StuckLog { log, go_on, written, dropped }
}

fn line(log: &Log, text: &str, at_once: bool) {
    Line { shared: &log.0, at_once }.write_all(text.as_bytes()).unwrap();
}

fn text(written: &Receiver<Vec<u8>>) -> String {
    String::from_utf8(written.iter().flatten().collect()).unwrap()
}

#[test]
fn a_line_says_its_message_and_fields_but_not_where_in_a_library_it_was_said() {
    let (log, written) = log();
    let lines = tracing_subscriber::fmt().with_writer(log.lines()).fmt_fields(fields());
    let lines = lines.without_time().with_target(false).with_ansi(false).finish();
    tracing::subscriber::with_default(lines, || tracing::info!(a = 1, log.file = "x.rs", b = "c", "said"));
    drop(log);
    assert_eq!(text(&written), " INFO said a=1 b=\"c\"\n");
}

#[test]
fn a_line_is_written_though_no_other_follows() {
    let (log, written) = log();
    line(&log, "a\n", false);
    assert_eq!(written.recv_timeout(LONG).unwrap(), b"a\n");
    line(&log, "b\n", false);
    assert_eq!(written.recv_timeout(LONG).unwrap(), b"b\n");
}

#[test]
fn an_error_is_written_after_what_came_before_it() {
    let (log, written) = log();
    line(&log, "a\n", false);
    line(&log, "b\n", true);
    drop(log);
    assert_eq!(text(&written), "a\nb\n");
}

#[test]
fn what_gathered_is_written_at_the_end() {
    let (log, written) = log();
    line(&log, "a\n", false);
    log.lines().say("b");
    drop(log);
    assert_eq!(text(&written), "a\nb\n");
}

#[test]
fn lines_that_find_no_room_are_dropped_and_counted_and_warnings_too() {
    let StuckLog { log, go_on, written, dropped } = stuck();
    let whole = "x".repeat(MOST_GATHERED - 1) + "\n";
    line(&log, &whole, false);
    for at_once in [true, false, true] {
        line(&log, "lost\n", at_once);
    }
    assert_eq!(log.0.lock().lines.len(), MOST_GATHERED);
    drop(go_on);
    assert_eq!(dropped.recv_timeout(LONG).unwrap(), 3);
    line(&log, "last\n", true);
    drop(log);
    assert_eq!(text(&written), format!("first\n{whole}last\n"));
    assert_eq!(dropped.iter().sum::<u64>(), 0);
}

#[test]
fn how_many_lines_were_dropped_is_told_even_when_there_is_no_room_again() {
    let ((begun, has_begun), (go_on, may_go_on), (sender, written)) = (channel(), channel(), channel());
    let writer = Stuck { begun, go_on: may_go_on, written: Writes(sender) };
    let (give, lines) = channel::<Lines>();
    let whole = "x".repeat(MOST_GATHERED);
    let filling = whole.clone();
    let tell = move |count| {
        let lines: Lines = lines.recv().unwrap();
        thread::scope(|scope| scope.spawn(|| lines.0.add(filling.as_bytes(), false)).join().unwrap());
        lines.say(&format!("{count} dropped"));
    };
    let log = Log::to(writer, tell).unwrap();
    give.send(log.lines()).unwrap();
    line(&log, "first\n", true);
    has_begun.recv_timeout(LONG).unwrap();
    line(&log, &whole, false);
    line(&log, "lost\n", false);
    drop(go_on);
    drop(log);
    assert!(text(&written).ends_with("x1 dropped\n"));
}

#[test]
fn an_end_does_not_wait_for_ever_for_a_log_that_nobody_reads() {
    let StuckLog { log, go_on, written, .. } = stuck();
    line(&log, "second\n", false);
    drop(log);
    assert!(written.try_recv().is_err(), "nothing was written, and the end has come");
    drop(go_on);
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
        ("Lines that wait for a slow reader, bytes", MOST_GATHERED.to_string()),
        ("Lines that are written without waiting for more, bytes", ENOUGH_GATHERED.to_string()),
        ("Time for the last lines at the end, seconds", LAST_LINES.as_secs().to_string()),
    ];
    assert_eq!(told, limits);
}
