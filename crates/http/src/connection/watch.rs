//! What is known of one connection: whether a request is being served on it, or for what it waits.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

use actix_web::rt::time::Instant;

use crate::Limits;

/// How many bytes are read before what has come is looked at: the size of the parser's own buffer.
pub(super) const BURST: usize = 8 * 1024;

/// Shared by the connection, which sees bytes, and the service, which sees requests.
pub(crate) struct Watch {
    /// A request was handed to the service, and its answer is not complete.
    serving: Cell<bool>,
    /// The body of that request is being read.
    reading_body: Cell<bool>,
    /// What is left of a body that nobody reads is being thrown away.
    discarding: Cell<bool>,
    /// Since when there is nothing to do but to wait for the client: the connection's start, or the end of an answer.
    turn: Cell<Instant>,
    /// When the head that is arriving began to.
    head: Cell<Option<Instant>>,
    /// Since when the client does not take the answer, and until when it has to have taken some.
    unread: Cell<Option<Unread>>,
    /// Bytes read since a request began, a piece of a body was used, or an answer was complete.
    burst: Cell<usize>,
    /// The burst before.
    burst_before: Cell<usize>,
    /// Bytes read since the last line ended.
    line: Cell<usize>,
    /// Bytes are left unread until something of the above happens.
    withheld: Cell<bool>,
    evicted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// An answer that the client does not take.
#[derive(Clone, Copy)]
pub(super) struct Unread {
    pub(super) since: Instant,
    pub(super) due: Instant,
}

impl Watch {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            serving: Cell::new(false),
            reading_body: Cell::new(false),
            discarding: Cell::new(false),
            turn: Cell::new(now),
            head: Cell::new(Some(now)),
            unread: Cell::new(None),
            burst: Cell::new(0),
            burst_before: Cell::new(0),
            line: Cell::new(0),
            withheld: Cell::new(false),
            evicted: Cell::new(false),
            waker: RefCell::new(None),
        }
    }

    /// A request's head is complete.
    pub(super) fn begin(&self, has_body: bool) {
        self.serving.set(true);
        self.discarding.set(false);
        self.head.set(None);
        self.reading_body.set(has_body);
        if has_body {
            self.turn.set(Instant::now());
        }
        self.progress();
    }

    /// A piece of the body was used.
    pub(super) fn used(&self) {
        self.progress();
    }

    /// The body is complete, or nobody wants the rest of it.
    pub(super) fn body_ends(&self, complete: bool) {
        if self.reading_body.replace(false) {
            self.discarding.set(!complete);
            // A body is not made of lines. What was read beyond it is in the last burst.
            let beyond = if self.burst.get() > 0 { self.burst.get() } else { self.burst_before.get() };
            self.line.set(self.line.get().min(beyond));
            self.progress();
        }
    }

    /// The answer is complete, or will never be.
    pub(super) fn answered(&self) {
        self.body_ends(false);
        self.serving.set(false);
        self.turn.set(Instant::now());
        self.progress();
    }

    fn progress(&self) {
        let burst = self.burst.replace(0);
        if burst > 0 {
            self.burst_before.set(burst);
        }
        self.wake_withheld();
    }

    pub(super) fn wake_withheld(&self) {
        if self.withheld.replace(false) {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Whom to wake.
    pub(super) fn wake_later(&self, cx: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
    }

    /// Ends the connection.
    pub(super) fn evict(&self) {
        self.evicted.set(true);
        self.wake();
    }

    pub(super) fn is_evicted(&self) -> bool {
        self.evicted.get()
    }

    pub(super) fn unread(&self) -> Option<Unread> {
        self.unread.get()
    }

    pub(super) fn set_unread(&self, unread: Option<Unread>) {
        self.unread.set(unread);
    }

    /// Since when the client is sending a head, or what is left of a body that nobody wants, if it is.
    pub(super) fn sending_since(&self) -> Option<Instant> {
        match (self.serving.get(), self.discarding.get()) {
            (true, _) => None,
            (false, true) => Some(self.turn.get()),
            (false, false) => self.head.get(),
        }
    }

    /// Whether it would be an answer to something if the connection were told now what is wrong.
    pub(super) fn may_be_told(&self) -> bool {
        !self.serving.get() && !self.discarding.get() && self.unread.get().is_none()
    }

    /// Since when it waits for its client, if it does.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        match self.unread.get() {
            Some(unread) => Some(unread.since),
            None if self.serving.get() && !self.reading_body.get() => None,
            None => Some(self.turn.get()),
        }
    }

    /// How many bytes may be read now; none while something has to happen first.
    pub(super) fn allowance(&self) -> usize {
        if self.unread.get().is_some() { 0 } else { BURST.saturating_sub(self.burst.get()) }
    }

    /// Reads on once something has happened. Answers whether it is for the caller to look at what has come.
    pub(super) fn withhold(&self) -> bool {
        let parser_waits = !self.serving.get() && self.unread.get().is_none();
        if parser_waits {
            self.progress();
        } else {
            self.withheld.set(true);
        }
        parser_waits
    }

    /// Takes note of what was read. Answers false where it has a line that must not reach the parser.
    pub(super) fn received(&self, bytes: &[u8]) -> bool {
        if !self.serving.get() && self.head.get().is_none() {
            self.head.set(Some(Instant::now()));
        }
        self.burst.set(self.burst.get() + bytes.len());
        let before = self.line.get();
        let last = bytes.iter().rposition(|byte| *byte == b'\n');
        self.line.set(last.map_or(before + bytes.len(), |last| bytes.len() - last - 1));
        if self.reading_body.get() || self.discarding.get() || before + bytes.len() <= Limits::HEAD_LINE {
            return true;
        }
        // Lines within the bytes are no longer than a burst.
        before + bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()) <= Limits::HEAD_LINE
    }
}
