//! Parameters that creating and changing a release share (docs/contract.md, "Releases").

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::Limits;
use crate::fields::Fields;
use crate::params::Param;

/// Reads titles, as a list or as one text with commas. Keeps one more than a refusal lists, so that it can say that
/// there are more.
pub(super) fn milestones(fields: &mut Fields) -> Vec<String> {
    let read = |titles: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let titles = titles.filter(|title| !title.is_empty()).map(str::to_owned);
        titles.take(Limits::FAULTS + 1).collect()
    };
    match fields.sent("milestones") {
        None | Some(Param::Null) => Vec::new(),
        Some(Param::Text(titles)) => read(&mut titles.split(',').map(str::trim)),
        Some(Param::List(titles)) if titles.iter().all(|title| matches!(title, Param::Text(_) | Param::Null)) => read(
            &mut titles.iter().filter_map(|title| if let Param::Text(title) = title { Some(&**title) } else { None }),
        ),
        Some(Param::List(_) | Param::Map(_)) => {
            fields.fault("milestones", "is invalid");
            Vec::new()
        }
    }
}

/// Reads an ISO 8601 time, in UTC unless it has a zone; a day alone is its midnight. Null and empty count as absent.
pub(super) fn released_at(fields: &mut Fields) -> Option<Timestamp> {
    let text = fields.text("released_at").filter(|text| !text.is_empty())?;
    let time = time(text.trim());
    if time.is_none() {
        fields.fault("released_at", "is invalid");
    }
    time
}

fn time(text: &str) -> Option<Timestamp> {
    let time = text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    // Answers format times as RFC 3339, which has no year before 0.
    (TimeZone::UTC.to_datetime(time).year() >= 0).then_some(time)
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
