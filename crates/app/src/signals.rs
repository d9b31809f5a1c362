//! The signals that stop the process, and the one that does not.

use std::io;
use std::pin::pin;

use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use futures_util::future::{Either, select};

/// Handles SIGTERM and SIGINT.
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// Returns an error if they cannot be installed.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal, and returns its name.
    pub(crate) async fn next(&mut self) -> &'static str {
        match select(pin!(self.terminate.recv()), pin!(self.interrupt.recv())).await {
            Either::Left(_) => "SIGTERM",
            Either::Right(_) => "SIGINT",
        }
    }
}

/// Keeps SIGHUP, which ends a process by default, from ending this one. Nothing is read again: no file of the log is open, and
/// settings are read at the start.
///
/// # Errors
/// Returns an error if the handler cannot be installed.
pub(crate) fn survive_hangups() -> io::Result<()> {
    let mut hangups = signal(SignalKind::hangup())?;
    actix_web::rt::spawn(async move {
        while hangups.recv().await.is_some() {
            tracing::info!("SIGHUP has no effect: to change a setting, restart the server");
        }
    });
    Ok(())
}
