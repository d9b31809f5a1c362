//! Pages: reads the rows of a page and, if they do not tell the length of the list, its length in the same statement.

use release_links_ports::{Page, PageRequest};
use release_links_sql::paging::{self, limit_and_offset};

use crate::failure::Failure;
use crate::rows::Row;

/// The subquery of a page: `$columns` of the rows `$of` a list in its `$order`, and then each row's number in the whole
/// list.
macro_rules! page {
    ($columns:expr, $of:expr, $order:expr) => {
        concat!(
            "(SELECT ",
            $columns,
            ", row_number() OVER (ORDER BY ",
            $order,
            ") AS number FROM ",
            $of,
            " ORDER BY ",
            $order,
            " LIMIT $3 OFFSET $4)"
        )
    };
}

/// The column with the number of rows `$of` a list, next to a `page` of it that may be empty. It is counted once, and
/// only if the page has a row too many or does not show where the list ends.
macro_rules! total {
    ($of:expr) => {
        concat!(
            "CASE WHEN CASE WHEN page.number IS NULL THEN $4 > 0 ELSE page.number - $4 = $3 END
                THEN (SELECT count(*) FROM (SELECT FROM ",
            $of,
            " LIMIT $5) counted) END"
        )
    };
}

/// A statement of a page only. The first column is the total.
macro_rules! paged {
    ($columns:expr, of $of:expr, by $order:expr) => {
        concat!(
            "SELECT ",
            $crate::paging::total!($of),
            ", page.* FROM (SELECT) always LEFT JOIN LATERAL ",
            $crate::paging::page!($columns, $of, $order),
            " page ON TRUE ORDER BY page.number"
        )
    };
}

pub(crate) use {page, paged, total};

/// Returns the statement of a page, as [`paged`] does, in an order that is known only when the list is asked for.
pub fn listing(columns: &str, of: &str, order: &str) -> String {
    format!(
        "SELECT CASE WHEN CASE WHEN page.number IS NULL THEN $4 > 0 ELSE page.number - $4 = $3 END
            THEN (SELECT count(*) FROM (SELECT FROM {of} LIMIT $5) counted) END, page.* FROM (SELECT) always
        LEFT JOIN LATERAL (SELECT {columns}, row_number() OVER (ORDER BY {order}) AS number FROM {of}
            ORDER BY {order} LIMIT $3 OFFSET $4) page ON TRUE ORDER BY page.number"
    )
}

/// Returns `$3`, `$4` and `$5` of a statement with a page: the limit, one row more than the page shows, the offset, and
/// the limit for counting.
pub fn values(wanted: PageRequest) -> [i64; 3] {
    let [limit, offset] = limit_and_offset(wanted);
    [limit, offset, paging::clamped(Page::<()>::COUNT_LIMIT + 1)]
}

/// Reads a page from rows in which column `total_at` is the total. The page's own columns follow, and the row's number
/// is last.
pub fn read<T>(
    rows: &[Row],
    total_at: usize,
    wanted: PageRequest,
    mut row: impl FnMut(&Row, usize) -> Result<T, Failure>,
) -> Result<Page<T>, Failure> {
    let mut shown = Vec::with_capacity(rows.len());
    let mut total: Option<i64> = None;
    for found in rows {
        if found.holds(found.len() - 1)? {
            shown.push(row(found, total_at + 1)?);
        }
        total = found.get(total_at)?;
    }
    Page::of(shown, wanted, |_| Ok(paging::counted(total)))
}

/// Returns the limit for a statement that counts only up to a limit of the domain.
pub fn stop_at(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Converts the result of a `count(*)`.
pub fn counted(rows: i64) -> usize {
    usize::try_from(rows).unwrap_or_default()
}
