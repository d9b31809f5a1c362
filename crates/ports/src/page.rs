//! Pages of a list (docs/contract.md, "Pagination").

use release_links_domain::page::PageRequest;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows, in the list's order.
    pub rows: Vec<T>,
    /// How many rows the whole list has; `None` above [`Page::COUNT_LIMIT`], so that no request counts without bound.
    pub total: Option<u64>,
    /// Whether rows follow after this page.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// The longest list that is counted.
    pub const COUNT_LIMIT: u64 = 10_000;

    /// The page that was wanted, made of the rows from its offset on, of which one more than it shows was asked for, so that
    /// it is known whether more follow. The list is counted only when the page does not show its end; `count` gives up at
    /// the number it is given.
    ///
    /// # Errors
    /// Those of `count`.
    pub fn of<E>(mut rows: Vec<T>, wanted: PageRequest, count: impl FnOnce(u64) -> Result<u64, E>) -> Result<Self, E> {
        let (shown, offset) = (rows.len() as u64, wanted.offset());
        let has_next = shown > wanted.per_page;
        rows.truncate(usize::try_from(wanted.per_page).unwrap_or(usize::MAX));
        let ends_here = !has_next && (shown > 0 || offset == 0);
        let total = if ends_here { offset.saturating_add(shown) } else { count(Self::COUNT_LIMIT + 1)? };
        Ok(Self { rows, total: (total <= Self::COUNT_LIMIT).then_some(total), has_next })
    }

    /// The page of a list without rows.
    #[must_use]
    pub const fn empty() -> Self {
        Self { rows: Vec::new(), total: Some(0), has_next: false }
    }

    /// The page with each row changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(change).collect(), total: self.total, has_next: self.has_next }
    }
}
