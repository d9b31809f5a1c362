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
    Background,
}

/// When background work is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
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
    Background,
}

/// A bounded queue of small and large requests.
pub struct Queue<J> {
    waiting: Mutex<Waiting<J>>,
    changed: Condvar,
    capacity: usize,
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

impl<J> Queue<J> {
    /// Creates a queue of `capacity` requests.
    pub fn new(capacity: usize) -> Self {
        let waiting = Waiting { small: VecDeque::new(), large: VecDeque::new(), closed: false };
        Self { waiting: Mutex::new(waiting), changed: Condvar::new(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<J>> {
        // No code that panics runs under the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a request, or returns why it cannot.
    pub fn push(&self, request: J, large: bool) -> Result<(), &'static str> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err("the writer has stopped");
        }
        let is_full = waiting.small.len() + waiting.large.len() >= self.capacity;
        if is_full || large && waiting.large.len() >= self.capacity.div_ceil(LARGE_SHARE) {
            return Err("too many writes are waiting");
        }
        if large {
            waiting.large.push_back(request);
        } else {
            waiting.small.push_back(request);
        }
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for what to run next, and advances the turn. Returns `None` once the queue is closed and empty, even if
    /// background work is due.
    pub fn next(&self, turn: &mut Turn, background: Background) -> Option<Next<J>> {
        let mut waiting = self.lock();
        loop {
            let by_turn = match *turn {
                Turn::Small => [Turn::Small, Turn::Large, Turn::Background],
                Turn::Large => [Turn::Large, Turn::Background, Turn::Small],
                Turn::Background => [Turn::Background, Turn::Small, Turn::Large],
            };
            for candidate in by_turn {
                let (next, after) = match candidate {
                    Turn::Small => (waiting.take_small(), Turn::Large),
                    Turn::Large => (waiting.large.pop_front().map(Next::Large), Turn::Background),
                    Turn::Background => {
                        ((background == Background::Now && !waiting.closed).then_some(Next::Background), Turn::Small)
                    }
                };
                if next.is_some() {
                    *turn = after;
                    return next;
                }
            }
            if waiting.closed {
                return None;
            }
            let (woken, timed_out) = self.wait(waiting, background);
            if timed_out {
                return Some(Next::Background);
            }
            waiting = woken;
        }
    }

    fn wait<'a>(
        &self,
        waiting: MutexGuard<'a, Waiting<J>>,
        background: Background,
    ) -> (MutexGuard<'a, Waiting<J>>, bool) {
        let Background::After(pause) = background else {
            return (self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner), false);
        };
        let (woken, wait) = self.changed.wait_timeout(waiting, pause).unwrap_or_else(PoisonError::into_inner);
        (woken, wait.timed_out())
    }

    /// Returns the number of requests.
    pub fn len(&self) -> usize {
        let waiting = self.lock();
        waiting.small.len() + waiting.large.len()
    }

    /// Removes and returns all requests.
    pub fn drain(&self) -> Vec<J> {
        let mut waiting = self.lock();
        let Waiting { small, large, .. } = &mut *waiting;
        small.drain(..).chain(large.drain(..)).collect()
    }

    /// Closes the queue to further requests.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs everything until the queue is empty and returns the requests in order, with a dot for each step of
    /// background work.
    fn done(queue: &Queue<&'static str>, background: Background, closed: bool) -> String {
        if closed {
            queue.close();
        }
        let mut turn = Turn::Small;
        let mut done = String::new();
        while queue.len() > 0
            && let Some(next) = queue.next(&mut turn, background)
        {
            match next {
                Next::Small(batch) => done.push_str(&batch.concat()),
                Next::Large(request) => done.push_str(request),
                Next::Background => done.push('.'),
            }
        }
        done
    }

    #[test]
    fn small_requests_wait_for_at_most_one_large_request() {
        let queue = Queue::new(100);
        for (request, large) in [("A", true), ("B", true), ("a", false), ("C", true), ("b", false)] {
            queue.push(request, large).unwrap();
        }
        assert_eq!(done(&queue, Background::None, false), "abABC");
    }

    #[test]
    fn large_and_small_requests_take_turns_with_background_work() {
        let queue = Queue::new(10 * BATCH);
        for large in ["A", "B", "C"] {
            queue.push(large, true).unwrap();
        }
        for _ in 0..=BATCH {
            queue.push("a", false).unwrap();
        }
        assert_eq!(done(&queue, Background::Now, false), format!("{}A.aB.C", "a".repeat(BATCH)));
    }

    #[test]
    fn no_background_work_starts_after_the_queue_is_closed() {
        let queue = Queue::new(100);
        for large in ["A", "B"] {
            queue.push(large, true).unwrap();
        }
        assert_eq!(done(&queue, Background::Now, true), "AB");
        assert_eq!(queue.next(&mut Turn::Background, Background::Now), None);
    }

    #[test]
    fn delayed_background_work_runs_when_no_request_comes() {
        let queue = Queue::new(100);
        queue.push("a", false).unwrap();
        let (mut turn, background) = (Turn::Background, Background::After(Duration::ZERO));
        assert_eq!(queue.next(&mut turn, background), Some(Next::Small(vec!["a"])));
        assert_eq!(queue.next(&mut turn, background), Some(Next::Background));
    }

    #[test]
    fn large_requests_leave_capacity_for_small_ones() {
        let queue = Queue::new(8);
        assert_eq!([0; 3].map(|_| queue.push("A", true).is_ok()), [true, true, false]);
        assert_eq!([0; 7].map(|_| queue.push("a", false).is_ok()), [true, true, true, true, true, true, false]);
    }

    #[test]
    fn a_closed_queue_refuses_requests() {
        let queue = Queue::new(8);
        queue.close();
        assert_eq!(queue.push("a", false), Err("the writer has stopped"));
        assert_eq!(queue.next(&mut Turn::Small, Background::None), None);
    }
}
