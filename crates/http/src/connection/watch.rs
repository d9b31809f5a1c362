//! The state of one connection: whether a request is being served on it, or what it is waiting for.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

use actix_web::rt::time::Instant;

use crate::Limits;

/// How many bytes are read before the parser sees them: the size of the parser's own buffer.
pub(super) const BURST: usize = 8 * 1024;

/// State shared by the connection, which sees bytes, and the service, which sees requests.
pub(crate) struct Watch {
    /// Whether a request is being served: its answer is not complete.
    serving: Cell<bool>,
    /// Whether the body of that request is being read.
    reading_body: Cell<bool>,
    /// Whether the rest of a body that nobody reads is being discarded.
    discarding: Cell<bool>,
    /// When the connection began to wait for its client: at its start, or at the end of an answer.
    idle_since: Cell<Instant>,
    /// When the head that is arriving began.
    head: Cell<Option<Instant>>,
    /// Since when the client has not read the answer, and the deadline for it to read some.
    unread: Cell<Option<Unread>>,
    /// Bytes read since a request began, part of a body was consumed, or an answer was completed.
    burst: Cell<usize>,
    /// The size of the previous burst.
    burst_before: Cell<usize>,
    /// Bytes read since the last line ended.
    line: Cell<usize>,
    /// Whether reading is paused until one of these events.
    paused: Cell<bool>,
    evicted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// An answer that the client does not read fast enough.
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
            idle_since: Cell::new(now),
            head: Cell::new(Some(now)),
            unread: Cell::new(None),
            burst: Cell::new(0),
            burst_before: Cell::new(0),
            line: Cell::new(0),
            paused: Cell::new(false),
            evicted: Cell::new(false),
            waker: RefCell::new(None),
        }
    }

    /// Records that a request's head is complete.
    pub(super) fn begin(&self, has_body: bool) {
        self.serving.set(true);
        self.discarding.set(false);
        self.head.set(None);
        self.reading_body.set(has_body);
        if has_body {
            self.idle_since.set(Instant::now());
        }
        self.progress();
    }

    /// Records that part of the body was consumed.
    pub(super) fn consumed(&self) {
        self.progress();
    }

    /// Records that the body is complete, or that nobody reads the rest of it.
    pub(super) fn body_ends(&self, complete: bool) {
        if self.reading_body.replace(false) {
            self.discarding.set(!complete);
            // A body has no lines. The last burst contains what was read beyond the body.
            let beyond = if self.burst.get() > 0 { self.burst.get() } else { self.burst_before.get() };
            self.line.set(self.line.get().min(beyond));
            self.progress();
        }
    }

    /// Records that the answer is complete or was abandoned.
    pub(super) fn answered(&self) {
        self.body_ends(false);
        self.serving.set(false);
        self.idle_since.set(Instant::now());
        self.progress();
    }

    fn progress(&self) {
        let burst = self.burst.replace(0);
        if burst > 0 {
            self.burst_before.set(burst);
        }
        self.resume_reading();
    }

    pub(super) fn resume_reading(&self) {
        if self.paused.replace(false) {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Remembers the task to wake.
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

    /// When the client began to send a head, or the rest of a body that nobody reads, if it is sending one.
    pub(super) fn sending_since(&self) -> Option<Instant> {
        match (self.serving.get(), self.discarding.get()) {
            (true, _) => None,
            (false, true) => Some(self.idle_since.get()),
            (false, false) => self.head.get(),
        }
    }

    /// Whether an error response sent now would be the answer to what the client is sending.
    pub(super) fn can_send_error(&self) -> bool {
        !self.serving.get() && !self.discarding.get() && self.unread.get().is_none()
    }

    /// Since when the connection has been waiting for its client, if it is.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        match self.unread.get() {
            Some(unread) => Some(unread.since),
            None if self.serving.get() && !self.reading_body.get() => None,
            None => Some(self.idle_since.get()),
        }
    }

    /// How many bytes may be read now; 0 if the parser, the service or the client must act first.
    pub(super) fn allowance(&self) -> usize {
        if self.unread.get().is_some() { 0 } else { BURST.saturating_sub(self.burst.get()) }
    }

    /// Pauses reading until something was consumed. Returns whether the parser has to look at what has arrived.
    pub(super) fn pause_reading(&self) -> bool {
        let parser_waits = !self.serving.get() && self.unread.get().is_none();
        if parser_waits {
            self.progress();
        } else {
            self.paused.set(true);
        }
        parser_waits
    }

    /// Records bytes that were read. Returns false if they contain a line that must not reach the parser.
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
