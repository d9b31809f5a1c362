//! How many connections there are, and who makes room for the next.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::watch::Watch;

/// The connections of all workers.
#[derive(Clone)]
pub(super) struct House {
    open: Arc<AtomicUsize>,
    most: usize,
    workers: usize,
}

impl House {
    pub(super) fn new(most: usize, workers: usize) -> Self {
        Self { open: Arc::default(), most, workers }
    }

    /// How many connections each worker may have.
    fn share(&self) -> usize {
        (self.most / self.workers).max(1)
    }

    /// How many connections each worker may be given: some beyond its share, for which others are to make room.
    pub(super) fn door(&self, spare: usize) -> usize {
        self.share() + (spare / self.workers).max(1)
    }

    /// Whether it is time for clients to leave: more than three quarters of the places are taken.
    fn is_crowded(&self) -> bool {
        self.open.load(Ordering::Relaxed) * 4 > self.most * 3
    }
}

/// The connections of one worker.
pub(super) struct Room {
    house: House,
    next: Cell<u64>,
    seats: RefCell<BTreeMap<u64, Rc<Watch>>>,
}

impl Room {
    pub(super) fn new(house: House) -> Self {
        Self { house, next: Cell::new(0), seats: RefCell::default() }
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.house.is_crowded()
    }

    /// Takes a connection in. Where the room is full, the one that has waited longest for its client makes place.
    pub(super) fn enter(self: &Rc<Self>) -> Seat {
        self.make_place();
        let number = self.next.get();
        self.next.set(number + 1);
        let watch = Rc::new(Watch::new());
        self.seats.borrow_mut().insert(number, Rc::clone(&watch));
        self.house.open.fetch_add(1, Ordering::Relaxed);
        Seat { room: Rc::clone(self), number, watch }
    }

    fn make_place(&self) {
        let mut seats = self.seats.borrow_mut();
        while seats.len() >= self.house.share() {
            let waiting = seats.iter().filter_map(|(number, watch)| Some((watch.waiting_since()?, *number)));
            let Some((_, longest)) = waiting.min() else { break };
            if let Some(watch) = seats.remove(&longest) {
                tracing::debug!("all connections are in use: closed the one that has waited longest for its client");
                watch.evict();
            }
        }
    }
}

/// A connection's place, given back when dropped.
pub(super) struct Seat {
    room: Rc<Room>,
    number: u64,
    watch: Rc<Watch>,
}

impl Seat {
    pub(super) fn watch(&self) -> &Rc<Watch> {
        &self.watch
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.seats.borrow_mut().remove(&self.number);
        self.room.house.open.fetch_sub(1, Ordering::Relaxed);
    }
}
