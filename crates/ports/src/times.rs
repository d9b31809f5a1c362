//! Ranges of time in filters.

use jiff::Timestamp;

/// A range of time, both ends included; an end that is `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The first moment.
    pub after: Option<Timestamp>,
    /// The last moment.
    pub before: Option<Timestamp>,
}

impl TimeRange {
    /// Whether a moment is in the range.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.after.is_none_or(|after| at >= after) && self.before.is_none_or(|before| at <= before)
    }
}
