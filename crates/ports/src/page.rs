//! Pages of a list (docs/contract.md, "Pagination").

use release_links_domain::page::PageRequest;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub rows: Vec<T>,
    /// The length of the whole list; `None` above [`Page::COUNT_LIMIT`], which bounds the cost of counting.
    pub total: Option<u64>,
    /// Whether there is a next page.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// The maximum length of a list that is counted.
    pub const COUNT_LIMIT: u64 = 10_000;

    /// Returns the page `wanted`. `rows` are the rows from its offset on, up to one more than fits on the page: the
    /// extra row shows that there is a next page. Counts the list only if its end is not on the page; `count` may stop
    /// at the number that it is given.
    ///
    /// # Errors
    /// Returns the error of `count`.
    pub fn of<E>(mut rows: Vec<T>, wanted: PageRequest, count: impl FnOnce(u64) -> Result<u64, E>) -> Result<Self, E> {
        let (shown, offset) = (rows.len() as u64, wanted.offset());
        let has_next = shown > wanted.per_page;
        rows.truncate(usize::try_from(wanted.per_page).unwrap_or(usize::MAX));
        let ends_here = !has_next && (shown > 0 || offset == 0);
        let total = if ends_here { offset.saturating_add(shown) } else { count(Self::COUNT_LIMIT + 1)? };
        Ok(Self { rows, total: (total <= Self::COUNT_LIMIT).then_some(total), has_next })
    }

    /// Returns the page of an empty list.
    #[must_use]
    pub const fn empty() -> Self {
        Self { rows: Vec::new(), total: Some(0), has_next: false }
    }

    /// Applies `change` to each row.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(change).collect(), total: self.total, has_next: self.has_next }
    }
}
