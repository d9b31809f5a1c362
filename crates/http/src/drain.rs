//! The end of a server: before it stops, it asks its clients to go elsewhere (docs/contract.md, "Starting the server").

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::rt::time::sleep;
use socket2::{SockFilter, SockRef};

use crate::Limits;

/// Whether a server is about to stop: readiness is then 503, and every answer says `Connection: close`. Everything else is
/// served as before.
///
/// ```
/// use release_links_http::Drain;
///
/// let drain = Drain::default();
/// let seen_by_the_server = drain.clone();
/// assert!(!seen_by_the_server.has_begun());
/// drain.begin();
/// assert!(seen_by_the_server.has_begun());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<AtomicBool>);

impl Drain {
    /// Begins it, for good.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Turns new connections away, and returns once those that the system has set up before are accepted. Then the server can
/// stop; `listener` is a copy of its own.
///
/// When a listener closes, the system resets the connections in its queue, which their clients already send requests on, and a
/// proxy must not repeat a write that it has sent. Who is turned away sent nothing: the attempt to connect gets no answer, is
/// repeated by the client's system a second later, and then refused.
pub async fn turn_away(listener: TcpListener) {
    if let Err(error) = SockRef::from(&listener).attach_filter(&NO_NEW_CONNECTIONS) {
        tracing::warn!(%error, "cannot turn new connections away: the stop may reset some");
    }
    sleep(Limits::LAST_CONNECTIONS).await;
}

/// Drops the first packet of a connection, which has SYN set and ACK not, in the byte of flags in the head of TCP. Packets of
/// connections that are being set up pass.
const NO_NEW_CONNECTIONS: [SockFilter; 5] = [
    SockFilter::new(LOAD_BYTE, 0, 0, 13),
    SockFilter::new(AND, 0, 0, SYN | ACK),
    SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
    SockFilter::new(RETURN, 0, 0, 0),
    SockFilter::new(RETURN, 0, 0, u32::MAX),
];

/// The instructions of the filter, as `linux/bpf_common.h` has them.
const LOAD_BYTE: u16 = 0x30;
const AND: u16 = 0x54;
const JUMP_IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const SYN: u32 = 0x02;
const ACK: u32 = 0x10;

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpStream;

    use super::*;

    #[actix_web::test]
    async fn who_connects_too_late_is_turned_away_without_a_connection_and_who_was_in_time_is_accepted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let in_time = TcpStream::connect(address).unwrap();
        turn_away(listener.try_clone().unwrap()).await;
        let late = TcpStream::connect_timeout(&address, Limits::LAST_CONNECTIONS / 2);
        assert_eq!(late.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(listener.accept().unwrap().1, in_time.local_addr().unwrap());
        drop(listener);
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
}
