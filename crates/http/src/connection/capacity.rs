//! Counts connections, and decides which one to close in favour of the next.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::watch::Watch;
use crate::Drain;

/// The number of connections of all workers, and its maximum.
#[derive(Clone)]
pub(super) struct Capacity {
    open: Arc<AtomicUsize>,
    maximum: usize,
    workers: usize,
    drain: Drain,
}

impl Capacity {
    pub(super) fn new(maximum: usize, workers: usize, drain: Drain) -> Self {
        Self { open: Arc::default(), maximum, workers, drain }
    }

    /// The maximum number of connections of each worker.
    fn share(&self) -> usize {
        (self.maximum / self.workers).max(1)
    }

    /// The number of connections that each worker may accept: some beyond its share, in favour of which others are
    /// closed.
    pub(super) fn accept_limit(&self, spare: usize) -> usize {
        self.share() + (spare / self.workers).max(1)
    }

    /// Whether clients are asked to close their connections: the server is about to stop, or more than three quarters of the
    /// capacity is in use.
    fn wants_fewer(&self) -> bool {
        self.drain.has_begun() || self.open.load(Ordering::Relaxed) * 4 > self.maximum * 3
    }
}

/// The connections of one worker.
pub(super) struct WorkerConnections {
    capacity: Capacity,
    next: Cell<u64>,
    slots: RefCell<BTreeMap<u64, Rc<Watch>>>,
}

impl WorkerConnections {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self { capacity, next: Cell::new(0), slots: RefCell::default() }
    }

    /// Whether clients are asked to close their connections.
    pub(super) fn wants_fewer(&self) -> bool {
        self.capacity.wants_fewer()
    }

    /// Admits a connection. If the worker has no free slot, closes the connection that has waited longest for its
    /// client.
    pub(super) fn admit(self: &Rc<Self>) -> Slot {
        self.evict_longest_waiting();
        let number = self.next.get();
        self.next.set(number + 1);
        let watch = Rc::new(Watch::new());
        self.slots.borrow_mut().insert(number, Rc::clone(&watch));
        self.capacity.open.fetch_add(1, Ordering::Relaxed);
        Slot { connections: Rc::clone(self), number, watch }
    }

    fn evict_longest_waiting(&self) {
        let mut slots = self.slots.borrow_mut();
        while slots.len() >= self.capacity.share() {
            let waiting = slots.iter().filter_map(|(number, watch)| Some((watch.waiting_since()?, *number)));
            let Some((_, longest)) = waiting.min() else { break };
            if let Some(watch) = slots.remove(&longest) {
                tracing::debug!("all connections are in use: closed the one that has waited longest for its client");
                watch.evict();
            }
        }
    }
}

/// A connection's slot, released when dropped.
pub(super) struct Slot {
    connections: Rc<WorkerConnections>,
    number: u64,
    watch: Rc<Watch>,
}

impl Slot {
    pub(super) fn watch(&self) -> &Rc<Watch> {
        &self.watch
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.slots.borrow_mut().remove(&self.number);
        self.connections.capacity.open.fetch_sub(1, Ordering::Relaxed);
    }
}
