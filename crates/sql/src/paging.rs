//! Numbers for statements of pages and counts.

use release_links_ports::PageRequest;

/// How many rows a statement of a page reads, one more than are shown, and after how many.
#[must_use]
pub fn limit_and_offset(wanted: PageRequest) -> [i64; 2] {
    [wanted.per_page.saturating_add(1), wanted.offset()].map(clamped)
}

/// A number for a statement, which has none beyond 63 bits.
#[must_use]
pub fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many rows a statement has counted.
#[must_use]
pub fn counted(rows: Option<i64>) -> u64 {
    rows.and_then(|rows| u64::try_from(rows).ok()).unwrap_or_default()
}
