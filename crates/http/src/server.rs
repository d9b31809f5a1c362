//! The server: sockets, timeouts, and the app that every worker runs.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};

use crate::Service;
use crate::incoming::BodyTimeout;
use crate::large::LargeAnswers;
use crate::observe::observe;
use crate::routes::configure;

/// How long clients and workers may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a request's head to arrive, and for a connection to stay open between requests.
    pub head: Duration,
    /// For a request's body to arrive.
    pub body: Duration,
    /// For requests in flight to be answered once the server is told to stop.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(5), body: Duration::from_secs(10), shutdown: Duration::from_secs(8) }
    }
}

/// Serves `service` on `listener` until the server's handle stops it. Signals are the caller's.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: TcpListener, service: Service, limits: Limits) -> std::io::Result<Server> {
    let service = Data::new(service);
    let body_timeout = Data::new(BodyTimeout(limits.body));
    let large_answers = Data::new(LargeAnswers::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .app_data(body_timeout.clone())
            .app_data(large_answers.clone())
            .wrap(from_fn(observe))
            .configure(configure)
    })
    .client_request_timeout(limits.head)
    .shutdown_timeout(limits.shutdown.as_secs())
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
