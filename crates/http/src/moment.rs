//! Times as parameters.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{Object, Schema};

use crate::fields::Fields;
use crate::operation::{Declared, Parameter, typed};
use crate::params::Param;

/// An ISO 8601 time, in UTC unless it has a zone; a day alone is its midnight. Null and empty count as absent.
pub(crate) struct Moment;

impl Parameter for Moment {
    type Value = Option<Timestamp>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        to.push(Declared::new(name, meaning, Self::schema));
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Timestamp>> {
        let Some(text) = fields.filled_text(name) else { return Some(None) };
        let time = time(text.trim());
        if time.is_none() {
            fields.fault(name, "is invalid");
        }
        Some(time)
    }
}

impl Moment {
    fn schema(nullable: bool) -> Schema {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        typed(Object::builder().format(Some(format)), Type::String, nullable)
    }
}

/// Like [`Moment`], but an empty one is no time, so that it is not ignored where it changes what is asked for.
pub(crate) struct SentMoment;

impl Parameter for SentMoment {
    type Value = Option<Timestamp>;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        Moment::declare(name, meaning, to);
    }

    fn read(name: &str, fields: &mut Fields) -> Option<Option<Timestamp>> {
        if matches!(fields.sent(name), Some(Param::Text(text)) if text.is_empty()) {
            fields.fault(name, "is invalid");
        }
        Moment::read(name, fields)
    }
}

/// The form of `git log --format=%ci`.
const OF_GIT: &str = "%Y-%m-%d %H:%M:%S %z";
/// How ISO 8601 writes the end of a day, which jiff does not parse.
const END_OF_DAY: &str = "T24:00:00";

fn time(text: &str) -> Option<Timestamp> {
    let time = match text.split_once(END_OF_DAY) {
        Some((day, zone)) => parse(&format!("{day}T00:00:00{zone}"))?.checked_add(Span::new().hours(24)).ok()?,
        None => parse(text)?,
    };
    // Answers format times as RFC 3339, which has no year before 0.
    (TimeZone::UTC.to_datetime(time).year() >= 0).then_some(time)
}

fn parse(text: &str) -> Option<Timestamp> {
    let with_zone = || text.parse().ok().or_else(|| Timestamp::strptime(OF_GIT, text).ok());
    with_zone().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_iso_8601_and_utc_unless_it_has_a_zone() {
        for (text, expected) in [
            ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
            ("2024-05-06T07:08:09.123Z", "2024-05-06T07:08:09.123Z"),
            ("2024-05-06T07:08:09.123456789+00:00", "2024-05-06T07:08:09.123456789Z"),
            ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09Z"),
            ("2024-05-06T07:08:09-0530", "2024-05-06T12:38:09Z"),
            ("2024-05-06T07:08:09+02", "2024-05-06T05:08:09Z"),
            ("2024-05-06T07:08:09", "2024-05-06T07:08:09Z"),
            ("2024-05-06 07:08:09", "2024-05-06T07:08:09Z"),
            ("2024-05-06T07:08", "2024-05-06T07:08:00Z"),
            ("2024-05-06T07:08Z", "2024-05-06T07:08:00Z"),
            ("20240506T070809Z", "2024-05-06T07:08:09Z"),
            ("2024-05-06", "2024-05-06T00:00:00Z"),
            ("20240506", "2024-05-06T00:00:00Z"),
            ("2024-05-06 07:08:09 +0200", "2024-05-06T05:08:09Z"),
            ("2024-05-06 07:08:09 -0330", "2024-05-06T10:38:09Z"),
            ("2024-12-31T24:00:00", "2025-01-01T00:00:00Z"),
            ("2024-02-28T24:00:00+01:00", "2024-02-28T23:00:00Z"),
            ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00Z"),
            ("0001-01-01", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(time(text), Some(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_times() {
        for text in [
            "x",
            "tomorrow",
            "2024",
            "2024-05",
            "2024-13-01",
            "2024-02-30",
            "2024-05-06T25:00:00Z",
            "2024-05-06T24:00:01Z",
            "2024-05-06 07:08:09 +02x",
            "2024-05-06T07:08:09X",
            "2024-05-06T07:08:09+99:00",
            "06/05/2024",
            "1715000000",
            "-000001-01-01",
            "10000-01-01",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
