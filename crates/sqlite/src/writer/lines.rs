//! The queue of the writer, which decides what runs next. Small requests run in batches, large ones one at a time, and
//! neither kind waits for more than one turn of the other and one step of background work.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The maximum number of small requests in a batch.
pub const BATCH: usize = 256;
/// Large requests may fill one part in this many of the queue. The rest stays free for small requests, which would
/// otherwise be refused while a few callers queue up work for seconds.
pub const LARGE_SHARE: usize = 4;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A batch of small requests.
    Small,
    /// One large request.
    Large,
    /// One step of background work.
    Chore,
}

/// When background work is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chore {
    /// There is none.
    None,
    /// Now.
    Now,
    /// After this long without requests.
    After(Duration),
}

/// What to run next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<J> {
    /// A batch of small requests.
    Small(Vec<J>),
    /// A large request.
    Large(J),
    /// One step of background work.
    Chore,
}

/// A bounded queue of small and large requests.
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

impl<J> Waiting<J> {
    fn take_small(&mut self) -> Option<Next<J>> {
        let taken: Vec<J> = self.small.drain(..self.small.len().min(BATCH)).collect();
        (!taken.is_empty()).then_some(Next::Small(taken))
    }
}

impl<J> Lines<J> {
    /// Creates a queue of `capacity` requests.
    pub fn new(places: usize) -> Self {
        let waiting = Waiting { small: VecDeque::new(), large: VecDeque::new(), closed: false };
        Self { waiting: Mutex::new(waiting), news: Condvar::new(), places }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<J>> {
        // No code that panics runs under the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a request, or returns why it cannot.
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
            waiting.large.push_back(request);
        } else {
            waiting.small.push_back(request);
        }
        drop(waiting);
        self.news.notify_one();
        Ok(())
    }

    /// Waits for what to run next, and advances the turn. Returns `None` once the queue is closed and empty, even if
    /// background work is due.
    pub fn next(&self, turn: &mut Turn, chore: Chore) -> Option<Next<J>> {
        let mut waiting = self.lock();
        loop {
            let by_turn = match *turn {
                Turn::Small => [Turn::Small, Turn::Large, Turn::Chore],
                Turn::Large => [Turn::Large, Turn::Chore, Turn::Small],
                Turn::Chore => [Turn::Chore, Turn::Small, Turn::Large],
            };
            for candidate in by_turn {
                let (next, after) = match candidate {
                    Turn::Small => (waiting.take_small(), Turn::Large),
                    Turn::Large => (waiting.large.pop_front().map(Next::Large), Turn::Chore),
                    Turn::Chore => ((chore == Chore::Now && !waiting.closed).then_some(Next::Chore), Turn::Small),
                };
                if next.is_some() {
                    *turn = after;
                    return next;
                }
            }
            if waiting.closed {
                return None;
            }
            let (woken, timed_out) = self.wait(waiting, chore);
            if timed_out {
                return Some(Next::Chore);
            }
            waiting = woken;
        }
    }

    fn wait<'a>(&self, waiting: MutexGuard<'a, Waiting<J>>, chore: Chore) -> (MutexGuard<'a, Waiting<J>>, bool) {
        let Chore::After(pause) = chore else {
            return (self.news.wait(waiting).unwrap_or_else(PoisonError::into_inner), false);
        };
        let (woken, wait) = self.news.wait_timeout(waiting, pause).unwrap_or_else(PoisonError::into_inner);
        (woken, wait.timed_out())
    }

    /// Removes and returns all requests.
    pub fn all(&self) -> Vec<J> {
        let mut waiting = self.lock();
        let Waiting { small, large, .. } = &mut *waiting;
        small.drain(..).chain(large.drain(..)).collect()
    }

    /// Closes the queue to further requests.
    pub fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs everything until the queue is empty and returns the requests in order, with a dot for each step of
    /// background work.
    fn done(lines: &Lines<&'static str>, chore: Chore, closed: bool) -> String {
        if closed {
            lines.close();
        }
        let mut turn = Turn::Small;
        let mut done = String::new();
        while lines.len() > 0
            && let Some(next) = lines.next(&mut turn, chore)
        {
            match next {
                Next::Small(batch) => done.push_str(&batch.concat()),
                Next::Large(request) => done.push_str(request),
                Next::Chore => done.push('.'),
            }
        }
        done
    }

    impl<J> Lines<J> {
        fn len(&self) -> usize {
            let waiting = self.lock();
            waiting.small.len() + waiting.large.len()
        }
    }

    #[test]
    fn small_requests_wait_for_one_large_one_at_most() {
        let lines = Lines::new(100);
        for (request, large) in [("A", true), ("B", true), ("a", false), ("C", true), ("b", false)] {
            lines.join(request, large).unwrap();
        }
        assert_eq!(done(&lines, Chore::None, false), "abABC");
    }

    #[test]
    fn large_and_small_requests_take_turns_with_the_chore() {
        let lines = Lines::new(10 * BATCH);
        for large in ["A", "B", "C"] {
            lines.join(large, true).unwrap();
        }
        for _ in 0..=BATCH {
            lines.join("a", false).unwrap();
        }
        assert_eq!(done(&lines, Chore::Now, false), format!("{}A.aB.C", "a".repeat(BATCH)));
    }

    #[test]
    fn no_chore_is_begun_once_the_lines_are_closed() {
        let lines = Lines::new(100);
        for large in ["A", "B"] {
            lines.join(large, true).unwrap();
        }
        assert_eq!(done(&lines, Chore::Now, true), "AB");
        assert_eq!(lines.next(&mut Turn::Chore, Chore::Now), None);
    }

    #[test]
    fn a_chore_that_is_to_wait_is_taken_up_again_when_nobody_comes() {
        let lines = Lines::new(100);
        lines.join("a", false).unwrap();
        let (mut turn, chore) = (Turn::Chore, Chore::After(Duration::ZERO));
        assert_eq!(lines.next(&mut turn, chore), Some(Next::Small(vec!["a"])));
        assert_eq!(lines.next(&mut turn, chore), Some(Next::Chore));
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
        assert_eq!(lines.next(&mut Turn::Small, Chore::None), None);
    }
}
