//! Lists whose rows may be large: the first are read at once, the others when somebody reads on.

use release_links_ports::Page;

/// A page of a list, of which the first rows were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartlyRead<T, U> {
    /// The page: its first rows, and how many there are.
    pub page: Page<T>,
    /// The rows of the page that were not read, if any.
    pub rest: Option<U>,
}

impl<T, U> PartlyRead<T, U> {
    /// Whether the page has no rows, read or not.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.page.rows.is_empty() && self.rest.is_none()
    }
}

/// Rows that a caller may read and that were not read yet. There is at least one.
pub trait Unread<T> {
    /// These rows, after others that were read but are not kept.
    #[must_use]
    fn after(self, read: &[T]) -> Self;
}
