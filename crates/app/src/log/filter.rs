//! Which events are logged: what `RELEASE_LINKS_LOG` asks for, without what could reveal the data of requests.

use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;

/// The levels by the names that the setting accepts.
const LEVELS: [(&str, LevelFilter); 5] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
];

/// A level for everything, and others for some targets, such as `warn,release_links_http=info`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogLevels(Targets);

/// A setting that is no list of levels.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no level: use off, error, warn, info or debug, or a target's level such as release_links_http=debug")]
pub(crate) struct InvalidLevel(String);

impl FromStr for LogLevels {
    type Err = InvalidLevel;

    fn from_str(text: &str) -> Result<Self, InvalidLevel> {
        let mut levels = Targets::new().with_default(LevelFilter::INFO);
        for directive in text.split(',').map(str::trim) {
            levels = match directive.split_once('=') {
                None => levels.with_default(level(directive)?),
                Some((target, name)) if is_target(target) => levels.with_target(target, level(name)?),
                Some(_) => return Err(InvalidLevel(directive.to_owned())),
            };
        }
        Ok(Self(levels))
    }
}

impl From<LogLevels> for Targets {
    fn from(levels: LogLevels) -> Self {
        levels.0
    }
}

fn level(name: &str) -> Result<LevelFilter, InvalidLevel> {
    let found = LEVELS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, level)| *level).ok_or_else(|| InvalidLevel(name.to_owned()))
}

/// Whether the text may be a target: the path of a Rust module.
fn is_target(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// The prefix of the targets of this project's crates.
const OURS: &str = "release_links";

/// Where actix-http logs as an error that a client sent what is no request, or went away.
///
/// What it also logs there about the server, an answer that breaks off, `long_lists` in the crate of HTTP logs as well.
const CONNECTIONS: &str = "actix_http::h1::dispatcher";

/// Where actix-server announces at each start which runtime it found, and the address, which the server itself prints.
const ANNOUNCEMENTS: &str = "actix_server::server";

/// Whether an event may be logged, whatever the configured level.
///
/// Below `INFO`, libraries log the data that passes through them: statements with their parameters, among which are
/// URLs with passwords, and headers with tokens. What is wrong with a client's connection is no error of the server.
pub(crate) fn may_be_logged(about: &Metadata<'_>) -> bool {
    let (target, level) = (about.target(), *about.level());
    match target {
        CONNECTIONS => false,
        ANNOUNCEMENTS => level <= Level::WARN,
        _ => target.starts_with(OURS) || level <= Level::INFO,
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::format::LogFormat;
    use super::super::line::WriteLines;
    use super::super::tests::logged_by;
    use super::*;

    /// Returns what is logged with these directives.
    fn logged(directives: &str, events: impl FnOnce()) -> String {
        let filter = Targets::from(directives.parse::<LogLevels>().unwrap());
        let filtered = |lines| {
            let lines = WriteLines { format: LogFormat::Text, lines };
            tracing_subscriber::registry().with(filter).with(filter_fn(may_be_logged)).with(lines)
        };
        logged_by(filtered, events)
    }

    #[test]
    fn no_level_makes_libraries_log_more_than_info() {
        for directives in ["debug", "info,tokio_postgres=debug", "tokio_postgres::query=debug", "release_links=debug"] {
            let said = logged(directives, || {
                tracing::debug!(target: "tokio_postgres::query", "executing statement s1 with parameters");
                tracing::trace!(target: "actix_http", "GET /?private_token=x");
            });
            assert!(!said.contains("parameters") && !said.contains("token"), "{directives}: {said}");
        }
        let said = logged("debug", || {
            tracing::debug!(target: "release_links_http", "ours");
            tracing::info!(target: "actix_server", "starting");
        });
        assert!(said.contains("ours") && said.contains("starting"), "{said}");
    }

    #[test]
    fn what_is_wrong_with_a_clients_connection_is_not_logged() {
        let said = logged("debug", || {
            tracing::error!(target: "actix_http::h1::dispatcher", "stream error: Invalid HTTP version specified");
            tracing::error!(target: "actix_http::h1::service", "initialization failed");
        });
        assert!(!said.contains("stream error") && said.contains("initialization failed"), "{said}");
    }

    #[test]
    fn the_runtime_is_not_announced_but_what_fails_there_is_logged() {
        let said = logged("debug", || {
            tracing::info!(target: "actix_server::server", "Actix runtime found; starting in Actix runtime");
            tracing::error!(target: "actix_server::server", "accept failed");
        });
        assert!(!said.contains("runtime") && said.contains("accept failed"), "{said}");
    }

    #[test]
    fn a_target_has_its_own_level_and_the_rest_that_of_the_setting_or_info() {
        let events = || {
            tracing::info!(target: "release_links_http", "a request");
            tracing::info!(target: "actix_server", "a worker");
            tracing::debug!(target: "release_links_sqlite", "a detail");
        };
        for (setting, expected) in [
            ("off", [false, false, false]),
            ("warn", [false, false, false]),
            ("Info", [true, true, false]),
            ("debug", [true, true, true]),
            ("warn, release_links_http=info", [true, false, false]),
            ("release_links_http=off", [false, true, false]),
            ("release_links_sqlite=debug", [true, true, true]),
        ] {
            let said = logged(setting, events);
            assert_eq!(["request", "worker", "detail"].map(|word| said.contains(word)), expected, "{setting}: {said}");
        }
    }

    #[test]
    fn what_is_no_level_is_refused_with_the_choices() {
        for setting in
            ["inof", "trace", "", ",", "info,", "=info", "release_links", "a b=info", "release_links=", "a=b=info"]
        {
            let refused = setting.parse::<LogLevels>().unwrap_err().to_string();
            assert!(refused.contains("off, error, warn, info or debug"), "{setting}: {refused}");
        }
    }
}
