//! The signals that ask for an end.

use std::io;

use actix_web::rt::signal::unix::{SignalKind, signal};
use futures_util::future::{Either, select};

/// Takes SIGTERM and SIGINT over; the future ends with the name of the first that comes.
///
/// # Errors
/// When the system does not let it.
pub(crate) fn asked_to_stop() -> io::Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        match select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())).await {
            Either::Left(_) => "SIGTERM",
            Either::Right(_) => "SIGINT",
        }
    })
}
