//! How an event becomes a line of the log: text, or one JSON object.
//!
//! What comes from outside can neither end a line nor begin a field: text is quoted unless it is one plain word, and JSON has
//! rules of its own. A request's line is as cheap as it can be: its fields are appended to one buffer, mostly without
//! `core::fmt`.

use std::cell::{Cell, RefCell};
use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use jiff::Timestamp;
use release_links_ports::Clock as _;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Lines;
use super::format::LogFormat;
use crate::ambient::SystemClock;

impl LogFormat {
    /// Returns the line about what ended the process.
    pub(crate) fn failure(self, why: &str) -> String {
        match self {
            Self::Text => format!("release-links: {why}"),
            Self::Json => {
                let mut line = Vec::new();
                self.begin(&mut line, SystemClock.now(), Level::ERROR);
                Fields { format: self, line: &mut line, text: &mut String::new() }.message(why);
                line.push(b'}');
                String::from_utf8_lossy(&line).into_owned()
            }
        }
    }

    /// Begins a line.
    fn begin(self, line: &mut Vec<u8>, now: Timestamp, level: Level) {
        if self == Self::Json {
            line.extend_from_slice(br#"{"time":""#);
        }
        push_time(line, now);
        if self == Self::Json {
            line.extend_from_slice(br#"","level":""#);
            line.extend_from_slice(level.as_str().as_bytes());
            line.push(b'"');
        } else {
            line.extend_from_slice(if level.as_str().len() < 5 { b"  " } else { b" " });
            line.extend_from_slice(level.as_str().as_bytes());
            line.push(b' ');
        }
    }
}

/// Adds a line to the log for each event, with the fields of the spans that it is in.
pub(crate) struct WriteLines {
    pub(crate) format: LogFormat,
    pub(crate) lines: Lines,
}

/// The fields of a span, as each line about what happens in it repeats them.
struct SpanFields(Vec<u8>);

/// What each thread makes its lines in.
#[derive(Default)]
struct Scratch {
    line: Vec<u8>,
    text: String,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for WriteLines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = Vec::new();
        attributes.record(&mut Fields { format: self.format, line: &mut line, text: &mut String::new() });
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(line));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        thread_local! {
            static SCRATCH: RefCell<Scratch> = RefCell::default();
        }
        // A value that logs something itself, while it is formatted, finds the buffers in use.
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.write(event, &context, &mut scratch),
            Err(_) => self.write(event, &context, &mut Scratch::default()),
        });
    }
}

impl WriteLines {
    fn write<S>(&self, event: &Event<'_>, context: &Context<'_, S>, Scratch { line, text }: &mut Scratch)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let level = *event.metadata().level();
        line.clear();
        self.format.begin(line, SystemClock.now(), level);
        event.record(&mut Fields { format: self.format, line, text });
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                line.extend_from_slice(fields);
            }
        }
        line.extend_from_slice(if self.format == LogFormat::Json { b"}\n" } else { b"\n" });
        self.lines.add(line, level <= Level::WARN);
    }
}

/// Appends fields to a line. The message comes first: the macros of `tracing` see to that.
struct Fields<'a> {
    format: LogFormat,
    line: &'a mut Vec<u8>,
    /// Where values are formatted that are no text yet.
    text: &'a mut String,
}

impl Visit for Fields<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message(value);
        } else if self.name(field) {
            push_text(self.line, self.format, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = std::mem::take(self.text);
        text.clear();
        let _ = write!(text, "{value:?}");
        self.record_str(field, &text);
        *self.text = text;
    }
}

impl Fields<'_> {
    /// Appends a field's name, except those of source locations, which the crate `log` adds.
    fn name(&mut self, field: &Field) -> bool {
        let name = field.name();
        if name.starts_with("log.") {
            return false;
        }
        let (before, after): (&[u8], &[u8]) = match self.format {
            LogFormat::Text => (b" ", b"="),
            LogFormat::Json => (b",\"", b"\":"),
        };
        self.line.extend_from_slice(before);
        self.line.extend_from_slice(name.as_bytes());
        self.line.extend_from_slice(after);
        true
    }

    fn number(&mut self, field: &Field, value: impl itoa::Integer) {
        if self.name(field) {
            self.line.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        }
    }

    fn message(&mut self, text: &str) {
        match self.format {
            LogFormat::Json => {
                self.line.extend_from_slice(br#","message":"#);
                push_text(self.line, self.format, text);
            }
            LogFormat::Text if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
                self.line.extend_from_slice(text.as_bytes());
            }
            LogFormat::Text => {
                for char in text.chars() {
                    // Quotes end nothing here.
                    let _ = match char {
                        '"' | '\'' | '\\' => write!(self.line, "{char}"),
                        _ => write!(self.line, "{}", char.escape_debug()),
                    };
                }
            }
        }
    }
}

/// Appends text as a value. In a line of text, only one plain word needs no quotes.
fn push_text(line: &mut Vec<u8>, format: LogFormat, text: &str) {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let is_word = !text.is_empty() && text.bytes().all(is_plain);
    // Writing to memory cannot fail.
    match format {
        LogFormat::Text if is_word && !text.contains('=') => line.extend_from_slice(text.as_bytes()),
        LogFormat::Text => drop(write!(line, "{text:?}")),
        LogFormat::Json if is_word => {
            line.push(b'"');
            line.extend_from_slice(text.as_bytes());
            line.push(b'"');
        }
        LogFormat::Json => drop(serde_json::to_writer(line, text)),
    }
}

/// Appends a time, whose seconds each thread formats only once.
fn push_time(line: &mut Vec<u8>, now: Timestamp) {
    thread_local! {
        static SECOND: Cell<Option<(i64, [u8; 20])>> = const { Cell::new(None) };
    }
    let second = now.as_second();
    let text = match SECOND.get() {
        Some((known, text)) if known == second => text,
        _ => {
            let mut text = [b' '; 20];
            let _ = write!(&mut text[..], "{}", Timestamp::from_second(second).unwrap_or_default());
            SECOND.set(Some((second, text)));
            text
        }
    };
    let (seconds, zone) = text.split_at(19);
    line.extend_from_slice(seconds);
    // With a digit before them, the leading zeros stay.
    let micros = 1_000_000 + now.subsec_microsecond().unsigned_abs();
    line.push(b'.');
    line.extend_from_slice(&itoa::Buffer::new().format(micros).as_bytes()[1..]);
    line.extend_from_slice(zone);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::tests::logged_by;
    use super::*;

    /// Returns what these events become.
    fn written(format: LogFormat, events: impl FnOnce()) -> String {
        logged_by(|lines| tracing_subscriber::registry().with(WriteLines { format, lines }), events)
    }

    /// Returns what follows the time in a line of text.
    fn text(events: impl FnOnce()) -> String {
        written(LogFormat::Text, events).split_once("Z ").unwrap().1.to_owned()
    }

    /// Values that clients could try to forge fields or lines with.
    const FORGING: [&str; 7] =
        ["a b", "a\" b=\"c", "a\n2026-01-01T00:00:00Z  WARN x", "a\r\u{85}\u{2028}b", "\u{1b}[2J", "a=b", "\\"];

    #[test]
    fn a_line_has_time_level_message_and_fields_but_not_its_source_location() {
        let line = written(LogFormat::Text, || tracing::info!(a = 1, log.file = "x.rs", b = "c", d = -1, "said"));
        let (time, rest) = line.split_once(' ').unwrap();
        assert_eq!(
            (time.len(), time.parse::<Timestamp>().is_ok()),
            ("2026-01-01T00:00:00.000000Z".len(), true),
            "{time}"
        );
        assert_eq!(rest, " INFO said a=1 b=c d=-1\n");
        assert_eq!(text(|| tracing::error!(x = %"y", "said")), "ERROR said x=y\n");
    }

    #[test]
    fn a_time_keeps_its_zeros() {
        let mut line = Vec::new();
        push_time(&mut line, "2026-01-02T03:04:05.000067Z".parse().unwrap());
        push_time(&mut line, "2026-01-02T03:04:05.9Z".parse().unwrap());
        push_time(&mut line, "2026-01-02T03:04:06Z".parse().unwrap());
        let expected = "2026-01-02T03:04:05.000067Z2026-01-02T03:04:05.900000Z2026-01-02T03:04:06.000000Z";
        assert_eq!(String::from_utf8(line).unwrap(), expected);
    }

    #[test]
    fn a_value_is_quoted_unless_it_is_one_word_and_never_ends_the_line() {
        for value in FORGING {
            let quoted = format!(" WARN said v={value:?} w=1\n");
            assert_eq!(text(|| tracing::warn!(v = value, w = 1, "said")), quoted);
            assert_eq!(text(|| tracing::warn!(v = %value, w = 1, "said")), quoted);
        }
        assert_eq!(text(|| tracing::warn!(v = "", w = "/a:b", "said")), " WARN said v=\"\" w=/a:b\n");
    }

    #[test]
    fn a_message_never_ends_the_line() {
        for value in FORGING {
            let line = text(|| tracing::warn!("said \"{value}\""));
            assert!(
                line.starts_with(" WARN said \"") && !line.trim_end_matches('\n').contains(char::is_control),
                "{line}"
            );
        }
    }

    #[test]
    fn a_line_of_json_has_everything_as_it_was() {
        for value in FORGING {
            let line = written(LogFormat::Json, || tracing::warn!(n = 7, s = value, d = %value, "said {value}"));
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            let mut line: Value = serde_json::from_str(&line).unwrap();
            let time = line.as_object_mut().unwrap().remove("time").unwrap();
            assert!(time.as_str().unwrap().parse::<Timestamp>().is_ok(), "{time}");
            let expected =
                json!({ "level": "WARN", "message": format!("said {value}"), "n": 7, "s": value, "d": value });
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn a_line_has_the_fields_of_the_spans_that_it_is_in() {
        let nested = || {
            tracing::error_span!("request", request_id = "a-1").in_scope(|| {
                tracing::error_span!("inner", n = 2).in_scope(|| tracing::info!(x = 1, "said"));
            });
        };
        assert_eq!(text(nested), " INFO said x=1 n=2 request_id=a-1\n");
        let line: Value = serde_json::from_str(&written(LogFormat::Json, nested)).unwrap();
        assert_eq!((&line["x"], &line["n"], &line["request_id"]), (&json!(1), &json!(2), &json!("a-1")));
    }

    #[test]
    fn what_ends_the_process_is_json_too_where_lines_are() {
        assert_eq!(LogFormat::Text.failure("no \"disk\""), "release-links: no \"disk\"");
        let line: Value = serde_json::from_str(&LogFormat::Json.failure("no \"disk\"\nat all")).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&json!("ERROR"), &json!("no \"disk\"\nat all")));
    }
}
