//! The requested page of a list (docs/contract.md, "Pagination").

/// The requested page of a list.
///
/// ```
/// use release_links_domain::page::{NoRows, PageRequest};
///
/// assert_eq!(PageRequest::new(None, None), Ok(PageRequest { page: 1, per_page: PageRequest::DEFAULT_PER_PAGE }));
/// assert_eq!(PageRequest::new(Some(3), Some(1_000)), Ok(PageRequest { page: 3, per_page: PageRequest::MAX_PER_PAGE }));
/// assert_eq!(PageRequest::new(None, Some(0)), Err(NoRows));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Counted from 1.
    pub page: u64,
    /// At most [`PageRequest::MAX_PER_PAGE`].
    pub per_page: u64,
}

/// The page would have no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a page has at least one row")]
pub struct NoRows;

impl PageRequest {
    /// The page that is read when a request names none.
    pub const FIRST: u64 = 1;
    /// The maximum page size.
    pub const MAX_PER_PAGE: u64 = 100;
    /// The page size when a request names none.
    pub const DEFAULT_PER_PAGE: u64 = 20;

    /// Returns the page with this number and size. A number below the first page selects the first page. A size above
    /// the maximum is the maximum, and a negative size is the default.
    ///
    /// # Errors
    /// [`NoRows`] for a size of zero.
    pub fn new(page: Option<i64>, per_page: Option<i64>) -> Result<Self, NoRows> {
        let page = page.and_then(|page| page.try_into().ok()).unwrap_or(Self::FIRST).max(Self::FIRST);
        let per_page = per_page.and_then(|size| size.try_into().ok()).unwrap_or(Self::DEFAULT_PER_PAGE);
        if per_page == 0 { Err(NoRows) } else { Ok(Self { page, per_page: per_page.min(Self::MAX_PER_PAGE) }) }
    }

    /// Returns the number of rows before this page, saturating on overflow.
    #[must_use]
    pub const fn offset(self) -> u64 {
        self.page.saturating_sub(1).saturating_mul(self.per_page)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { page: Self::FIRST, per_page: Self::DEFAULT_PER_PAGE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_size_out_of_range_is_clamped() {
        for (page, per_page, expected) in [
            (None, None, Ok((1, 20))),
            (Some(3), Some(50), Ok((3, 50))),
            (Some(i64::MAX), Some(1), Ok((i64::MAX.unsigned_abs(), 1))),
            (None, Some(100), Ok((1, 100))),
            (None, Some(101), Ok((1, 100))),
            (None, Some(i64::MAX), Ok((1, 100))),
            (None, Some(-5), Ok((1, 20))),
            (Some(0), None, Ok((1, 20))),
            (Some(-3), None, Ok((1, 20))),
            (Some(2), Some(0), Err(NoRows)),
        ] {
            let expected = expected.map(|(page, per_page)| PageRequest { page, per_page });
            assert_eq!(PageRequest::new(page, per_page), expected, "{page:?} {per_page:?}");
        }
    }
}
