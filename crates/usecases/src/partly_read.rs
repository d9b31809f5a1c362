//! Lists whose rows may be large: the first rows are loaded with the page, the others on demand.

use release_links_ports::Page;

/// A page of a list, of which only the first rows are loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyRead<T, U> {
    /// The page with the rows that are loaded, and the total number of rows.
    pub page: Page<T>,
    /// The rows of the page that are not loaded, if any.
    pub rest: Option<U>,
}

impl<T, U> PartlyRead<T, U> {
    /// Whether the page has no rows, loaded or not.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.page.rows.is_empty() && self.rest.is_none()
    }
}

/// Rows that the caller may read and that are not loaded yet. There is at least one.
pub trait Unread<T> {
    /// Returns these rows preceded by `read`, rows that were loaded but not kept.
    #[must_use]
    fn after(self, read: &[T]) -> Self;
}
