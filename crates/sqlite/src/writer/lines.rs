//! Who waits for the writer, and whose turn is next: small requests are taken together, large ones one at a time, and
//! neither kind waits for more than one turn of the other.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The most small requests that share a turn.
pub const BATCH: usize = 256;
/// Which part of the places large requests may take up: one in so many. The others stay free for small ones, which would
/// otherwise be refused while a few callers queue up work for seconds.
const LARGE_SHARE: usize = 4;

/// Whose turn it is when both kinds wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// That of all small requests that wait.
    Small,
    /// That of one large request.
    Large,
}

/// Two lines of requests, of which a limited number waits.
pub struct Lines<J> {
    waiting: Mutex<Waiting<J>>,
    news: Condvar,
    places: usize,
}

struct Waiting<J> {
    small: VecDeque<J>,
    large: VecDeque<J>,
    closed: bool,
}

impl<J> Lines<J> {
    /// Lines in which `places` requests may wait.
    pub fn new(places: usize) -> Self {
        let waiting = Waiting { small: VecDeque::new(), large: VecDeque::new(), closed: false };
        Self { waiting: Mutex::new(waiting), news: Condvar::new(), places }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<J>> {
        // Nothing that panics runs while it is locked.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a request, or tells why it cannot wait.
    pub fn join(&self, request: J, large: bool) -> Result<(), &'static str> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err("the writer has ended");
        }
        let no_place = waiting.small.len() + waiting.large.len() >= self.places;
        if no_place || large && waiting.large.len() >= self.places.div_ceil(LARGE_SHARE) {
            return Err("too many writes are waiting");
        }
        if large {
            waiting.large.push_back(request)
        } else {
            waiting.small.push_back(request)
        }
        drop(waiting);
        self.news.notify_one();
        Ok(())
    }

    /// Waits for the requests of the next turn, and changes whose turn comes after it. None once the lines are closed and
    /// empty.
    pub fn next(&self, turn: &mut Turn) -> Option<Vec<J>> {
        let open_and_empty =
            |waiting: &mut Waiting<J>| !waiting.closed && waiting.small.is_empty() && waiting.large.is_empty();
        let mut waiting = self.news.wait_while(self.lock(), open_and_empty).unwrap_or_else(PoisonError::into_inner);
        let Waiting { small, large, .. } = &mut *waiting;
        let taken: Vec<J> = if large.is_empty() || *turn == Turn::Small && !small.is_empty() {
            *turn = Turn::Large;
            small.drain(..small.len().min(BATCH)).collect()
        } else {
            *turn = Turn::Small;
            large.pop_front().into_iter().collect()
        };
        (!taken.is_empty()).then_some(taken)
    }

    /// Everyone who waits.
    pub fn all(&self) -> Vec<J> {
        let mut waiting = self.lock();
        let Waiting { small, large, .. } = &mut *waiting;
        small.drain(..).chain(large.drain(..)).collect()
    }

    /// Lets nobody else in.
    pub fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The turns that are taken until nobody waits.
    fn turns(lines: &Lines<&'static str>) -> Vec<Vec<&'static str>> {
        lines.close();
        let mut turn = Turn::Small;
        std::iter::from_fn(|| lines.next(&mut turn)).collect()
    }

    #[test]
    fn small_requests_wait_for_one_large_one_at_most() {
        let lines = Lines::new(100);
        for (request, large) in [("A", true), ("B", true), ("a", false), ("C", true), ("b", false)] {
            lines.join(request, large).unwrap();
        }
        assert_eq!(turns(&lines), [vec!["a", "b"], vec!["A"], vec!["B"], vec!["C"]]);
    }

    #[test]
    fn large_and_small_requests_take_turns() {
        let lines = Lines::new(10 * BATCH);
        for large in ["A", "B", "C"] {
            lines.join(large, true).unwrap();
        }
        for _ in 0..=BATCH {
            lines.join("a", false).unwrap();
        }
        let sizes: Vec<_> = turns(&lines).iter().map(|turn| (turn[0], turn.len())).collect();
        assert_eq!(sizes, [("a", BATCH), ("A", 1), ("a", 1), ("B", 1), ("C", 1)]);
    }

    #[test]
    fn large_requests_leave_places_for_small_ones() {
        let lines = Lines::new(8);
        assert_eq!([0; 3].map(|_| lines.join("A", true).is_ok()), [true, true, false]);
        assert_eq!([0; 7].map(|_| lines.join("a", false).is_ok()), [true, true, true, true, true, true, false]);
    }

    #[test]
    fn nobody_joins_lines_that_are_closed() {
        let lines = Lines::new(8);
        lines.close();
        assert_eq!(lines.join("a", false), Err("the writer has ended"));
        assert_eq!(lines.next(&mut Turn::Small), None::<Vec<&str>>);
    }
}
