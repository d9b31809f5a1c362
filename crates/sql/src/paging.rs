//! Numbers and words in the statements of lists.

use std::fmt::Display;

use jiff::Timestamp;
use release_links_ports::{PageRequest, Sort, TimeRange};

/// Returns the `LIMIT`, one row more than the page shows, and the `OFFSET` of a page.
#[must_use]
pub fn limit_and_offset(wanted: PageRequest) -> [i64; 2] {
    [wanted.per_page.saturating_add(1), wanted.offset()].map(clamped)
}

/// Clamps a number to the 63 bits that SQL integers hold.
#[must_use]
pub fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Converts the result of a `count(*)`.
#[must_use]
pub fn counted(rows: Option<i64>) -> u64 {
    rows.and_then(|rows| u64::try_from(rows).ok()).unwrap_or_default()
}

/// Returns the first and the last millisecond of a range, as times are stored in milliseconds.
#[must_use]
pub fn milliseconds(range: TimeRange) -> [Option<i64>; 2] {
    let first = |at: Timestamp| {
        let millisecond = at.as_millisecond();
        if Timestamp::from_millisecond(millisecond).is_ok_and(|whole| whole < at) {
            millisecond + 1
        } else {
            millisecond
        }
    };
    let last = |at: Timestamp| {
        let millisecond = at.as_millisecond();
        if Timestamp::from_millisecond(millisecond).is_ok_and(|whole| whole > at) {
            millisecond - 1
        } else {
            millisecond
        }
    };
    [range.after.map(first), range.before.map(last)]
}

/// Returns ids as a JSON list.
pub fn json<I: Display>(ids: impl IntoIterator<Item = I>) -> String {
    format!("[{}]", ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(","))
}

/// Returns an `ORDER BY` of two keys, both in this direction.
#[must_use]
pub fn order_by([key, id]: [&str; 2], sort: Sort) -> String {
    let direction = match sort {
        Sort::Ascending => "",
        Sort::Descending => " DESC",
    };
    format!("{key}{direction}, {id}{direction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_between_two_milliseconds_keeps_the_whole_ones_in_it() {
        for (after, before, expected) in [
            ("1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z", [1000, 1000]),
            ("1970-01-01T00:00:00.0004Z", "1970-01-01T00:00:00.0026Z", [1, 2]),
            ("1969-12-31T23:59:59.9984Z", "1969-12-31T23:59:59.9996Z", [-1, -1]),
        ] {
            let range = TimeRange { after: Some(after.parse().unwrap()), before: Some(before.parse().unwrap()) };
            assert_eq!(milliseconds(range), expected.map(Some), "{after} {before}");
        }
        assert_eq!(milliseconds(TimeRange::default()), [None, None]);
    }
}
