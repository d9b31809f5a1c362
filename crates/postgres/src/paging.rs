//! Pages: the rows of one, and how long its list is where the page does not tell, in one statement.

use release_links_ports::{Page, PageRequest};
use release_links_sql::paging::{self, limit_and_offset};

use crate::failure::Failure;
use crate::rows::Row;

/// The subquery of a page: `$columns` of the rows `$of` a list in its `$order`, then the number of each in the whole list.
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

/// The column that tells how many rows `$of` a list there are, beside a `page` of it that may be empty: counted once, and
/// only when the page has a row too many or does not tell where the list ends.
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

/// A statement of a page alone, of which the first column is the total.
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

/// What `$3`, `$4` and `$5` of a statement with a page stand for: how many rows, one more than are shown; after how many; and
/// where counting ends.
pub fn values(wanted: PageRequest) -> [i64; 3] {
    let [limit, offset] = limit_and_offset(wanted);
    [limit, offset, paging::clamped(Page::<()>::COUNT_LIMIT + 1)]
}

/// Makes a page of rows in which the total is column `total_at`, the columns of the page follow, and its number ends.
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

/// Where a statement that counts no further than a limit of the domain stops.
pub fn stop_at(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// How many rows were counted.
pub fn counted(rows: i64) -> usize {
    usize::try_from(rows).unwrap_or_default()
}
