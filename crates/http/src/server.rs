//! The server: the app that every worker runs, and its limits.

use std::net::TcpListener;

use actix_web::App;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::Data;

use crate::body::Bodies;
use crate::large::LargeAnswers;
use crate::observe::observe;
use crate::routes::configure;
use crate::{Limits, Service, connection};

/// Serves `service` on `listener` until the server's handle stops it. The caller handles signals.
///
/// # Errors
/// Returns an error if the listener cannot be used.
pub fn serve(listener: TcpListener, service: Service, limits: Limits) -> std::io::Result<Server> {
    let service = Data::new(service);
    let bodies = Data::new(Bodies::new(&limits));
    let large_answers = Data::new(LargeAnswers::default());
    connection::run(listener, limits, connection::workers(), move || {
        App::new()
            .app_data(service.clone())
            .app_data(bodies.clone())
            .app_data(large_answers.clone())
            .wrap(from_fn(observe))
            .configure(configure)
    })
}
