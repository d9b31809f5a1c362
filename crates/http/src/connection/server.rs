//! The listening socket and the workers, with watched connections.

use std::fmt::Debug;
use std::future::ready;
use std::io;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_http::{HttpService, Request};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, apply_fn_factory, fn_service, map_config};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions, Service, ServiceFactory, ServiceResponse};
use socket2::SockRef;
use tokio::net::TcpStream;

use super::Connection;
use super::capacity::{Capacity, WorkerConnections};
use super::tracking::{Tracked, track};
use crate::{Drain, Limits};

/// How many unsent bytes of an answer the kernel accepts.
///
/// Its default is megabytes, and then it shows only after a third of them whether the client is reading.
const UNSENT: u32 = 16 * 1024;

/// How long a connection may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How many connections may be open beyond the maximum until others are closed in their favour.
const SPARE: usize = Limits::OTHER_DESCRIPTORS / 4;

/// The number of workers: one for each processor.
pub(crate) fn workers() -> usize {
    available_parallelism().map_or(2, NonZeroUsize::get)
}

/// Serves the app that `app` creates for each worker, until the server's handle stops it. The caller handles signals.
pub(crate) fn run<A, I, F, B>(
    listener: TcpListener,
    limits: Limits,
    drain: Drain,
    workers: usize,
    app: A,
) -> io::Result<Server>
where
    A: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<F, Request>,
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error> + 'static,
    F::InitError: Debug,
    F::Service: 'static,
    <F::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT)?;
    let workers = workers.min(limits.connections).max(1);
    let capacity = Capacity::new(limits.connections, workers, drain);
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(capacity.accept_limit(SPARE))
        .shutdown_timeout(limits.shutdown.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("release-links", listener, move || {
        let connections = Rc::new(WorkerConnections::new(capacity.clone()));
        let stopping = stopping.clone();
        let tracked = Rc::clone(&connections);
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // The connection's own limit covers each head.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(CLOSE_TIMEOUT)
            .keep_alive(limits.keep_alive)
            .on_connect_ext(move |connection: &Connection<TcpStream>, found: &mut Extensions| {
                found.insert(Tracked { watch: connection.watch(), connections: Rc::clone(&tracked) });
            })
            .h1(map_config(apply_fn_factory(app(), track), |()| AppConfig::default()));
        fn_service(move |io: TcpStream| {
            let client = io.peer_addr().ok();
            ready(Ok((Connection::new(io, connections.admit(), limits), client)))
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}
