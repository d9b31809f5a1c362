//! Metrics for Prometheus, on a listener of their own (docs/monitoring.md, "Metrics").

mod files;
mod process;
mod storage;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::error::ErrorInternalServerError;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use futures_util::future::join;
use jiff::Timestamp;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use release_links_ports::Monitored;

use self::files::FilesTotal;
use self::process::Process;
use self::storage::{LastState, Writer};
use crate::database::Opened;
use crate::version;

/// The maximum number of connections for metrics.
const CONNECTIONS: usize = 16;
/// Timeout for the head of a request for metrics, and how long an idle connection is kept open: longer than the usual
/// interval of scraping.
const TIMEOUT: Duration = Duration::from_secs(75);
/// The type of Prometheus's text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is to scrape.
struct Scraped {
    registry: Registry,
    storage: Arc<dyn Monitored>,
    state: LastState,
    files: FilesTotal,
}

/// Registers all metrics of a server that began at `began`, and serves them on `listener`. Returns those of the HTTP adapter,
/// which is to count.
///
/// # Errors
/// Returns an error if the listener cannot be used.
pub(crate) fn serve(
    listener: TcpListener,
    database: &Opened,
    began: Timestamp,
) -> std::io::Result<(Arc<release_links_http::Metrics>, Server)> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Process::since(began)));
    let ours = registry.sub_registry_with_prefix("release_links");
    ours.register("build", "What the binary was built from", Info::new(version::labels()));
    let http = Arc::new(release_links_http::Metrics::register(ours));
    if let Some(file) = &database.file {
        file.observe(Arc::new(Writer::register(ours)));
    }
    let state = LastState::default();
    ours.register_collector(Box::new(state.clone()));
    let files = FilesTotal::of(database.ports.kept_files.clone());
    ours.register_collector(Box::new(files.clone()));
    let scraped = Data::new(Scraped { registry, storage: Arc::clone(&database.monitored), state, files });
    let app = move || {
        let metrics = web::resource("/metrics").route(web::get().to(scrape));
        App::new().app_data(scraped.clone()).service(metrics)
    };
    let server = HttpServer::new(app).workers(1).max_connections(CONNECTIONS);
    let server = server.client_request_timeout(TIMEOUT).keep_alive(TIMEOUT).disable_signals().shutdown_timeout(1);
    Ok((http, server.listen(listener)?.run()))
}

async fn scrape(scraped: Data<Scraped>) -> actix_web::Result<HttpResponse> {
    // Storage that is closed has no state, but the rest can still be seen.
    let (state, ()) = join(scraped.storage.state(), scraped.files.refresh()).await;
    scraped.state.replace(state.unwrap_or_default());
    let mut text = String::new();
    encode(&mut text, &scraped.registry).map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type(TEXT).body(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_page() {
        let page = include_str!("../../../docs/limits.md");
        for (limit, value) in [
            ("Connections to the listener of metrics", CONNECTIONS.to_string()),
            (
                "Time for the head of a request for metrics, and of an idle connection, seconds",
                TIMEOUT.as_secs().to_string(),
            ),
        ] {
            let row = format!("| {limit} | {value} |");
            assert!(page.contains(&row), "{row}");
        }
    }
}
