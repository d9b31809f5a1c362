//! Watched connections: each head, each answer and each pause between requests has a time limit, and lines have a
//! maximum length. When there are too many connections, the one that has kept the server waiting longest is closed.
//!
//! actix-http limits only the first head and the pauses, so its connections read and write through [`Connection`],
//! which learns from [`tracking`] where requests begin and answers end. Nor does it ignore an offer to upgrade the
//! connection, which [`offers`] hides from it.

mod alarm;
mod capacity;
mod offers;
mod server;
mod tracking;
#[cfg(test)]
mod tests {
    mod bytes;
    mod capacity;
    mod harness;
    mod heads;
    mod offers;
    mod service;
}
mod watch;

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) use self::alarm::Alarm;
pub(crate) use self::server::{run, workers};

use self::capacity::Slot;
use self::offers::Offers;
use self::watch::{Unread, Watch};
use crate::Limits;

const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const TOO_LONG: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A stream of bytes whose peer has a limited time to send and receive.
pub(crate) struct Connection<T> {
    io: T,
    watch: Rc<Watch>,
    limits: Limits,
    offers: Offers,
    for_requests: Alarm,
    for_answers: Alarm,
    _slot: Slot,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Connection<T> {
    fn new(io: T, slot: Slot, limits: Limits) -> Self {
        let watch = Rc::clone(slot.watch());
        let (for_requests, for_answers) = (Alarm::default(), Alarm::default());
        Self { io, watch, limits, offers: Offers::new(), for_requests, for_answers, _slot: slot }
    }

    /// The state that this connection shares with the service.
    fn watch(&self) -> Rc<Watch> {
        Rc::clone(&self.watch)
    }

    fn check(&self, cx: &Context<'_>) -> Result<()> {
        if self.watch.is_evicted() {
            return Err(Error::new(ErrorKind::ConnectionAborted, "evicted in favour of a new connection"));
        }
        self.watch.wake_later(cx);
        Ok(())
    }

    /// Ends the connection, with an error response if the client can still take it as the answer to its request.
    fn end(&mut self, cx: &mut Context<'_>, response: &[u8], kind: ErrorKind) -> Error {
        if self.watch.can_send_error() {
            let _ = Pin::new(&mut self.io).poll_write(cx, response);
        }
        Error::from(kind)
    }

    /// Reads at most as much as the watch allows until the parser or the service has consumed it.
    fn poll_burst(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let allowance = self.watch.allowance();
        if allowance == 0 {
            if self.watch.pause_reading() {
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        if allowance >= buf.remaining() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let mut burst = ReadBuf::new(buf.initialize_unfilled_to(allowance));
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut burst))?;
        let length = burst.filled().len();
        buf.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        let before = buf.filled().len();
        if this.poll_burst(cx, buf)?.is_ready() {
            this.offers.hide(&mut buf.filled_mut()[before..]);
            if this.watch.received(&buf.filled()[before..]) {
                return Poll::Ready(Ok(()));
            }
            if this.watch.can_send_error() {
                return Poll::Ready(Err(this.end(cx, TOO_LONG, ErrorKind::InvalidData)));
            }
            // Earlier requests are still being answered: report the end of the stream instead of an error.
            buf.set_filled(before);
            return Poll::Ready(Ok(()));
        }
        // Time out only if there is nothing left to read: what has arrived counts, even if the worker was late to read
        // it.
        if let Some(since) = this.watch.sending_since() {
            ready!(this.for_requests.poll_past(cx, since + this.limits.head));
            return Poll::Ready(Err(this.end(cx, TOO_SLOW, ErrorKind::TimedOut)));
        }
        Poll::Pending
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let written = Pin::new(&mut this.io).poll_write(cx, bytes)?;
        let unread = match (this.watch.unread(), written) {
            (None, Poll::Ready(_)) => return written.map(Ok),
            (None, Poll::Pending) => {
                let now = Instant::now();
                Unread { since: now, due: now + this.limits.answer_grace }
            }
            (Some(unread), Poll::Ready(length)) => {
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                let earned = Duration::from_secs(1) * length / this.limits.answer_rate;
                Unread { due: (unread.due + earned).min(Instant::now() + this.limits.answer_grace), ..unread }
            }
            (Some(unread), Poll::Pending) => unread,
        };
        this.watch.set_unread(Some(unread));
        if written.is_pending() {
            ready!(this.for_answers.poll_past(cx, unread.due));
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        written.map(Ok)
    }

    /// Called once everything has been written.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        if this.watch.unread().is_some() {
            this.watch.set_unread(None);
            this.watch.resume_reading();
        }
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}
