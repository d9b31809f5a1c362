//! The signals that stop the process.

use std::io;

use actix_web::rt::signal::unix::{SignalKind, signal};
use futures_util::future::{Either, select};

/// Handles SIGTERM and SIGINT; the future resolves to the name of the first that arrives.
///
/// # Errors
/// Returns an error if the handlers cannot be installed.
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        match select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())).await {
            Either::Left(_) => "SIGTERM",
            Either::Right(_) => "SIGINT",
        }
    })
}
