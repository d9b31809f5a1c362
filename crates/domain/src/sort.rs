//! The direction in which a list is sorted.

/// The direction in which a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// From the highest value down: the newest first.
    #[default]
    Descending,
    /// From the lowest value up: the oldest first.
    Ascending,
}

impl Sort {
    /// Both directions, the default first.
    pub const BOTH: [Self; 2] = [Self::Descending, Self::Ascending];
}
