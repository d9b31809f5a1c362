//! The URL of a database, with what libpq accepts there. The driver knows most of it; this file translates the rest.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::passfile::{self, Login};

/// The default port of a server.
pub const DEFAULT_PORT: u16 = 5432;
/// Where libpq looks for a server's socket if the URL names no host: as Debian and Fedora build it, else as PostgreSQL
/// itself does.
const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// An invalid database URL. The message does not repeat the URL, which may contain a password.
#[derive(Debug, thiserror::Error)]
#[error("not the URL of a PostgreSQL database, such as postgres://user@host/name: {0}")]
pub struct InvalidUrl(String);

/// What a URL says.
pub struct Parsed {
    /// One for each server; never empty.
    pub servers: Vec<Config>,
    /// The file of the certificates to trust; without it, the system's.
    pub root_certificates: Option<PathBuf>,
}

/// Parses `postgres://…` with everything that libpq allows in a URL, including several servers.
pub fn parse(url: &str) -> Result<Parsed, InvalidUrl> {
    let (address, query) = split_query(url);
    let parameters = Parameters::parse(query)?;
    let default_host = if parameters.name_a_host { "" } else { &socket_directory().replace('/', "%2F") };
    let driver_query = parameters.for_driver.join("&");
    let passwords = parameters.passwords()?;
    let server = |address: String| {
        let url = format!("{address}?{driver_query}");
        let mut config = Config::from_str(&url).map_err(|error| InvalidUrl(because(&error)))?;
        // The parser would take the rest of the password for a part of the host, which is logged.
        if config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(name) if name.contains('@'))) {
            return Err(InvalidUrl("an @ in a name or password must be written %40".to_owned()));
        }
        if config.get_password().is_none()
            && let Some(password) = passwords.as_deref().and_then(|file| password(file, &config))
        {
            config.password(password);
        }
        Ok(config)
    };
    let servers = one_each(address, default_host).into_iter().map(server).collect::<Result<_, _>>()?;
    Ok(Parsed { servers, root_certificates: parameters.root_certificates })
}

/// The parameters of a URL: those that the driver knows, as it spells them, and those that are ours to follow.
#[derive(Default)]
struct Parameters {
    for_driver: Vec<String>,
    name_a_host: bool,
    root_certificates: Option<PathBuf>,
    password_file: Option<PathBuf>,
}

impl Parameters {
    fn parse(query: &str) -> Result<Self, InvalidUrl> {
        let mut parameters = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            // Not repeated in the message: it may be a part of a password with a question mark.
            let (name, raw) = pair.split_once('=').ok_or_else(|| InvalidUrl("a parameter has no value".to_owned()))?;
            let value = decode(raw)?;
            match (name, &*value) {
                // As if it were not there.
                (_, "") => {}
                // A connection is encrypted only if the certificate and its name hold, whatever the mode.
                ("sslmode", "verify-ca" | "verify-full") | ("ssl", "true") | ("sslrootcert", "system") => {
                    parameters.keep("sslmode", "require");
                }
                ("sslmode", "allow") => parameters.keep("sslmode", "prefer"),
                ("target_session_attrs", "primary") => parameters.keep("target_session_attrs", "read-write"),
                ("sslrootcert", file) => parameters.root_certificates = Some(file.into()),
                ("passfile", file) => parameters.password_file = Some(file.into()),
                ("gssencmode", "require") => {
                    return Err(InvalidUrl("gssencmode=require is not supported; use TLS".to_owned()));
                }
                // They restrict nothing: there is no GSSAPI, the server sets its name, and the driver its encoding.
                (
                    "gssencmode"
                    | "krbsrvname"
                    | "gsslib"
                    | "gssdelegation"
                    | "fallback_application_name"
                    | "client_encoding"
                    | "sslcompression",
                    _,
                ) => {}
                ("keepalives_count", _) => parameters.keep("keepalives_retries", raw),
                (name, _) => {
                    parameters.name_a_host |= matches!(name, "host" | "hostaddr");
                    parameters.keep(name, raw);
                }
            }
        }
        Ok(parameters)
    }

    fn keep(&mut self, name: &str, value: &str) {
        // The driver would take everything before an @ for a user's name.
        self.for_driver.push(format!("{name}={value}").replace('@', "%40"));
    }

    /// Returns the password file, in which libpq looks for every password that a URL lacks.
    fn passwords(&self) -> Result<Option<String>, InvalidUrl> {
        if let Some(path) = &self.password_file {
            let unusable = |error| InvalidUrl(format!("passfile {}: {error}", path.display()));
            return passfile::read(path).map(Some).map_err(unusable);
        }
        let Some(path) = env::home_dir().map(|home| home.join(".pgpass")).filter(|path| path.exists()) else {
            return Ok(None);
        };
        let read = passfile::read(&path);
        if let Err(error) = &read {
            tracing::warn!(file = %path.display(), %error, "the password file is not used");
        }
        Ok(read.ok())
    }
}

/// Returns the password that the file has for a server.
fn password(file: &str, config: &Config) -> Option<String> {
    let address = config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default();
    let host = match config.get_hosts().first() {
        Some(Host::Unix(path)) if path == Path::new(socket_directory()) => "localhost".into(),
        Some(Host::Unix(path)) => path.to_string_lossy(),
        Some(Host::Tcp(name)) => name.into(),
        None => address.into(),
    };
    let user = config.get_user().map_or_else(|| whoami::username().unwrap_or_default(), str::to_owned);
    let login = Login {
        host: &host,
        port: config.get_ports().first().copied().unwrap_or(DEFAULT_PORT),
        database: config.get_dbname().unwrap_or(&user),
        user: &user,
    };
    passfile::password(file, &login)
}

fn socket_directory() -> &'static str {
    let [distribution, own] = SOCKET_DIRECTORIES;
    if Path::new(distribution).is_dir() { distribution } else { own }
}

/// Splits the parameters off a URL. A question mark in the password does not begin them.
fn split_query(url: &str) -> (&str, &str) {
    let host = at_host(url);
    url[host..].find('?').map_or((url, ""), |length| (&url[..host + length], &url[host + length + 1..]))
}

/// Returns where the servers begin: after the scheme, the user and the password.
fn at_host(url: &str) -> usize {
    let scheme = url.find("://").map_or(0, |at| at + "://".len());
    match url[scheme..].find(['@', '/']) {
        Some(at) if url[scheme + at..].starts_with('@') => scheme + at + 1,
        _ => scheme,
    }
}

/// Returns one address per server, with the default host where one is missing. Servers named by parameters stay in one.
fn one_each(address: &str, default_host: &str) -> Vec<String> {
    let begin = at_host(address);
    let end = address[begin..].find('/').map_or(address.len(), |length| begin + length);
    let one = |server: &str| {
        let host = if server.is_empty() || server.starts_with(':') { default_host } else { "" };
        format!("{}{host}{server}{}", &address[..begin], &address[end..])
    };
    address[begin..end].split(',').map(one).collect()
}

fn decode(text: &str) -> Result<Cow<'_, str>, InvalidUrl> {
    percent_decode_str(text).decode_utf8().map_err(|error| InvalidUrl(error.to_string()))
}

/// Formats an error with its causes.
fn because(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::{SslMode, TargetSessionAttrs};

    use super::*;

    fn only(url: &str) -> Config {
        let Ok([config]) = <[Config; 1]>::try_from(parse(url).unwrap().servers) else { panic!("{url}: several") };
        config
    }

    #[test]
    fn a_url_with_several_servers_becomes_one_url_per_server() {
        assert_eq!(
            one_each("postgres://user:a,word@one:1,[::1]:2,three/links", ""),
            ["one:1", "[::1]:2", "three"].map(|server| format!("postgres://user:a,word@{server}/links"))
        );
        for alone in ["postgres://one", "postgres://user@one", "postgres:///links", "nonsense"] {
            assert_eq!(one_each(alone, ""), [alone]);
        }
    }

    #[test]
    fn a_missing_host_is_the_socket_in_libpqs_directory() {
        let socket = [Host::Unix(socket_directory().into())];
        for url in ["postgres://", "postgres:///links", "postgres://user@/links", "postgresql://?dbname=links"] {
            let config = only(url);
            assert_eq!((config.get_hosts(), config.get_ports().first().unwrap_or(&DEFAULT_PORT)), (&socket[..], &5432));
        }
        assert_eq!(only("postgres:///links?host=").get_hosts(), &socket);
        let config = only("postgres://user:p?w@:5433/links");
        assert_eq!((config.get_hosts(), config.get_ports()), (&socket[..], &[5433][..]));
        assert_eq!((config.get_password(), config.get_dbname()), (Some(&b"p?w"[..]), Some("links")));
        let config = only("postgres:///links?host=db.example.com&options=-c%20a=b@c");
        assert_eq!((config.get_hosts(), config.get_user()), (&[Host::Tcp("db.example.com".to_owned())][..], None));
        assert_eq!(config.get_options(), Some("-c a=b@c"));
    }

    #[test]
    fn libpqs_words_for_tls_are_taken() {
        for (word, mode) in [
            ("disable", SslMode::Disable),
            ("allow", SslMode::Prefer),
            ("prefer", SslMode::Prefer),
            ("require", SslMode::Require),
            ("verify-ca", SslMode::Require),
            ("verify-full", SslMode::Require),
            ("", SslMode::Prefer),
        ] {
            assert_eq!(only(&format!("postgres://db/links?sslmode={word}")).get_ssl_mode(), mode, "{word}");
        }
        for other in ["ssl=true", "sslrootcert=system"] {
            assert_eq!(only(&format!("postgres://db/links?{other}")).get_ssl_mode(), SslMode::Require, "{other}");
        }
        let root = |url| parse(url).unwrap().root_certificates;
        assert_eq!(
            root("postgres://db/links?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"),
            Some("/etc/ca.pem".into())
        );
        assert_eq!(root("postgres://db/links?sslrootcert=system"), None);
    }

    #[test]
    fn parameters_without_a_meaning_here_are_left_out_and_those_that_would_be_dropped_in_silence_are_refused() {
        let config = only(
            "postgres://db/links?gssencmode=disable&krbsrvname=postgres&client_encoding=auto&keepalives_count=3&target_session_attrs=primary",
        );
        assert_eq!(config.get_keepalives_retries(), Some(3));
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        for (parameter, named) in [
            ("gssencmode=require", "gssencmode"),
            ("sslcert=a", "sslcert"),
            ("sslmode=never", "sslmode"),
            ("x", "no value"),
        ] {
            let refused = parse(&format!("postgres://db/links?{parameter}")).err().unwrap().to_string();
            assert!(refused.contains(named), "{parameter}: {refused}");
        }
    }

    #[test]
    fn a_password_file_gives_the_password_that_the_url_lacks() {
        use std::os::unix::fs::OpenOptionsExt as _;
        let path = env::temp_dir().join(format!("release-links-url-{}", std::process::id()));
        let mut file = std::fs::File::options();
        let mut file = file.write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
        std::io::Write::write_all(&mut file, b"localhost:*:links:me:by socket\none:1:links:me:first\n").unwrap();
        let url = |servers| format!("postgres://{servers}/links?passfile={}", path.display());
        let socket = only(&url("me@"));
        let [one, two] = <[Config; 2]>::try_from(parse(&url("me@one:1,two")).unwrap().servers).unwrap();
        let given = only(&url("me:given@one:1"));
        std::fs::remove_file(&path).unwrap();
        let missing = parse(&url("me@one")).err().unwrap().to_string();
        assert_eq!(socket.get_password(), Some(&b"by socket"[..]));
        assert_eq!((one.get_password(), two.get_password()), (Some(&b"first"[..]), None));
        assert_eq!(given.get_password(), Some(&b"given"[..]));
        assert!(missing.contains("passfile") && missing.contains("No such file"), "{missing}");
    }
}
