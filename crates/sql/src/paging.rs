//! Numbers in paging and counting statements.

use release_links_ports::PageRequest;

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
