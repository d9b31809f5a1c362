//! What the current state of an object must be for a write to be done.

use std::fmt;
use std::sync::Arc;

/// A condition on the current state of an object, which a write checks within its transaction.
pub struct Precondition<T>(Option<Arc<Holds<T>>>);

type Holds<T> = dyn Fn(&T) -> bool + Send + Sync;

impl<T> Precondition<T> {
    /// The condition that always holds.
    pub const NONE: Self = Self(None);

    /// Creates a condition.
    pub fn new(holds: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(holds)))
    }

    /// Whether the condition always holds.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the condition holds for this state.
    #[must_use]
    pub fn holds(&self, current: &T) -> bool {
        self.0.as_ref().is_none_or(|holds| holds(current))
    }

    /// Returns the condition on a state from which `derive` makes the one that this condition is about.
    #[must_use]
    pub fn on<U>(&self, derive: impl Fn(&U) -> T + Send + Sync + 'static) -> Precondition<U>
    where
        T: 'static,
        U: 'static,
    {
        let holds = self.0.clone();
        Precondition(holds.map(|holds| -> Arc<Holds<U>> { Arc::new(move |current: &U| holds(&derive(current))) }))
    }
}

impl<T> Clone for Precondition<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Precondition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_none() { "Precondition(none)" } else { "Precondition(some)" })
    }
}
