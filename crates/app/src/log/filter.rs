//! Which events are logged.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;

/// The prefix of the targets of this project's crates.
const OURS: &str = "release_links";

/// Where actix-http logs as an error that a client sent what is no request, or went away.
///
/// What it also logs there about the server, an answer that breaks off, `long_lists` in the crate of HTTP logs as well.
const CONNECTIONS: &str = "actix_http::h1::dispatcher";

/// Whether an event may be logged, whatever the configured level.
///
/// Below `INFO`, libraries log the data that passes through them: statements with their parameters, among which are
/// URLs with passwords, and headers with tokens. What is wrong with a client's connection is no error of the server.
pub(crate) fn may_be_logged(about: &Metadata<'_>) -> bool {
    let target = about.target();
    target.starts_with(OURS) || (*about.level() <= Level::INFO && target != CONNECTIONS)
}

/// Returns the filter that `RELEASE_LINKS_LOG` configures.
pub(crate) fn log_filter() -> EnvFilter {
    EnvFilter::builder().with_env_var("RELEASE_LINKS_LOG").with_default_directive(Level::INFO.into()).from_env_lossy()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Returns what is logged with these directives.
    fn logged(directives: &str, events: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Written(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Written {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let written = Written::default();
        let writer = written.clone();
        let lines =
            tracing_subscriber::fmt::layer().with_writer(move || writer.clone()).without_time().with_ansi(false);
        let filter = EnvFilter::new(directives);
        let subscriber = tracing_subscriber::registry().with(filter).with(filter_fn(may_be_logged)).with(lines);
        tracing::subscriber::with_default(subscriber, events);
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn no_level_makes_libraries_log_more_than_info() {
        for directives in
            ["debug", "trace", "info,tokio_postgres=trace", "tokio_postgres::query=debug", "release_links=trace"]
        {
            let said = logged(directives, || {
                tracing::debug!(target: "tokio_postgres::query", "executing statement s1 with parameters");
                tracing::trace!(target: "actix_http", "GET /?private_token=x");
            });
            assert!(!said.contains("parameters") && !said.contains("token"), "{directives}: {said}");
        }
        let said = logged("trace", || {
            tracing::debug!(target: "release_links_http", "ours");
            tracing::info!(target: "actix_server", "starting");
        });
        assert!(said.contains("ours") && said.contains("starting"), "{said}");
    }

    #[test]
    fn what_is_wrong_with_a_clients_connection_is_not_logged() {
        let said = logged("trace", || {
            tracing::error!(target: "actix_http::h1::dispatcher", "stream error: Invalid HTTP version specified");
            tracing::error!(target: "actix_http::h1::service", "initialization failed");
        });
        assert!(!said.contains("stream error") && said.contains("initialization failed"), "{said}");
    }
}
