//! The command line and the environment (docs/contract.md, "Starting the server").

use std::fmt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use release_links_domain::file::MaxFileSize;
use release_links_domain::namespace::DisplayName;
use release_links_domain::token::{InvalidDay, Scope, expiry_day};
use release_links_files::FilesPlace;
use release_links_http::{Limits, TrustedProxies};
use release_links_postgres::Options;
use release_links_usecases::Secret;

use crate::log::filter::LogLevels;
use crate::log::format::LogFormat;
use crate::version;

/// Stores links to release assets, serves them over GitLab's REST API, and redirects their permanent paths.
#[derive(Debug, Parser)]
#[command(name = "release-links", version, long_version = version::in_full(), args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// What to log on stderr: off, error, warn, info or debug, and levels of single targets, such as `warn,release_links_http=info`.
    #[arg(long, env = "RELEASE_LINKS_LOG", value_name = "LEVEL", default_value = "info", global = true)]
    pub(crate) log: LogLevels,
    /// What each line on stderr is: text, or one JSON object.
    #[arg(long, env = "RELEASE_LINKS_LOG_FORMAT", value_name = "FORMAT", default_value = "text", global = true)]
    pub(crate) log_format: LogFormat,
    /// The file with settings, as TOML; by default /etc/release-links/config.toml, if it exists.
    #[arg(long, env = "RELEASE_LINKS_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

/// Its lines fit into a man page of 80 columns, which keeps them as they are.
const AFTER_HELP: &str = "\
Environment:
  RELEASE_LINKS_ROOT_TOKEN
      The administrator's token on an empty database, at least 20
      characters. Without it, the server creates a random one, which it
      prints if stdout is a terminal, and otherwise puts into a file
      that only its owner can read.
  RELEASE_LINKS_…_FILE
      The file that holds a value which may be secret:
      RELEASE_LINKS_DATABASE_FILE and RELEASE_LINKS_ROOT_TOKEN_FILE.
      Only its owner may be able to read it.

Each setting is a flag, a variable, and a key in the file with settings
that has the flag's name; a flag wins over a variable, and a variable
over the file. `release-links config show` shows what holds, and why.

Without a command, release-links runs the server. When the server is
ready, it prints a line with `listening on http://HOST:PORT`. On SIGTERM
or SIGINT it tells its clients, answers the requests in flight, then
stops.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server; this is the default.
    Serve(Serve),
    /// Create, list and revoke tokens directly in the database, for an operator who is locked out.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Undo on this machine what the API cannot: make an immutable release changeable again.
    #[command(subcommand)]
    Release(ReleaseCommand),
    /// Drop old rows of the history of releases.
    #[command(subcommand)]
    History(HistoryCommand),
    /// Copy a SQLite database, even while it is in use, into one new file, and its files into a folder beside that.
    Backup(Copy),
    /// Create a SQLite database from such a copy, and bring its files back; no database may exist there yet.
    Restore(Copy),
    /// Copy everything from one database into an empty one, of the same kind or the other.
    Copy(CopyBetween),
    /// Check the files that clients have published.
    #[command(subcommand)]
    Files(FilesCommand),
    /// Ask the running server whether it is ready: exit with code 0 if it is, and with 1 and a message if not.
    Healthcheck(Listen),
    /// Check the settings, and show where they come from.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI document of the API, which the server shows at /api/v4/openapi.json.
    #[command(name = "openapi")]
    OpenApi,
}

/// Two databases. A URL with a password is safer in its variable than on the command line.
#[derive(Args)]
pub(crate) struct CopyBetween {
    /// The database to copy: sqlite:PATH or postgres://….
    #[arg(long, env = "RELEASE_LINKS_COPY_FROM", value_name = "URL", hide_env_values = true)]
    pub(crate) from: String,
    /// The database to copy into, which must be empty.
    #[arg(long, env = "RELEASE_LINKS_COPY_TO", value_name = "URL", hide_env_values = true)]
    pub(crate) to: String,
    /// Where the files are to be copied to: `file:DIR` or `s3://BUCKET/PREFIX`. Without it, they stay where they are.
    #[arg(long, value_name = "PLACE")]
    pub(crate) to_files: Option<FilesPlace>,
    /// Where the files are that are copied; by default where a server of that database keeps them.
    #[arg(long, value_name = "PLACE", requires = "to_files")]
    pub(crate) from_files: Option<FilesPlace>,
}

impl fmt::Debug for CopyBetween {
    /// A URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyBetween").finish_non_exhaustive()
    }
}

/// The copy of a database and its files, and both themselves.
#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// The file of the copy; the files that clients have published are in the folder PATH.files.
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
    #[command(flatten)]
    pub(crate) files: FilesArguments,
    /// Take the database alone, and leave files where they are.
    #[arg(long)]
    pub(crate) without_files: bool,
}

/// What to do with files.
#[derive(Debug, Subcommand)]
pub(crate) enum FilesCommand {
    /// Read every file, and list those that are missing or have changed, and bytes that no file uses: exit with code 0 if no file is damaged.
    Check {
        #[command(flatten)]
        database: DatabaseArguments,
        #[command(flatten)]
        files: FilesArguments,
    },
}

/// Where files are.
#[derive(Debug, Args)]
pub(crate) struct FilesArguments {
    /// Where files that clients publish are kept: `file:DIR` or `s3://BUCKET/PREFIX`; by default the folder `files` beside the SQLite database, or data/files.
    #[arg(long = "files", env = "RELEASE_LINKS_FILES", value_name = "PLACE")]
    pub(crate) place: Option<FilesPlace>,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a personal access token, and print only the token on stdout.
    Create {
        /// The user that the token belongs to.
        #[arg(long, value_name = "NAME")]
        user: String,
        /// The token's scopes, separated by commas.
        #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true, value_parser = scope)]
        scopes: Vec<Scope>,
        /// The day on which the token expires, at 00:00 UTC; without it, the token never expires.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
        expires_at: Option<Date>,
        /// The name that lists show for the token.
        #[arg(long, value_name = "TEXT", default_value = "command line")]
        name: DisplayName,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// List a user's personal access tokens, without the tokens themselves.
    List {
        /// The user that the tokens belong to.
        #[arg(long, value_name = "NAME")]
        user: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Revoke a token; a project token's bot is deleted with it.
    Revoke {
        /// The token's id, as `token list` shows it.
        #[arg(long, value_name = "N")]
        id: i64,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

/// What to do with a release.
#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// Make an immutable release changeable again; its history tells that this was done.
    Thaw {
        /// The project's id or full path.
        project: String,
        /// The tag of the release.
        tag: String,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

/// What to do with the history of releases.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Drop, in all projects, the rows from before a day: nobody can find out then what they told.
    Prune {
        /// The first day whose rows stay, from 00:00 UTC.
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = start_of_day)]
        before: Timestamp,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings of the server without starting it: exit with code 0 if they are valid, and with 1 and a message if not.
    Check(Serve),
    /// Show each setting of the server, its value, and where that comes from; a secret is `[set]`.
    Show {
        /// Show instead an example of the file with settings, which explains each and has its default.
        #[arg(long)]
        default: bool,
        #[command(flatten)]
        serve: Serve,
    },
}

/// Which database to use, and how.
#[derive(Args)]
pub(crate) struct DatabaseArguments {
    /// The database: sqlite:PATH or postgres://….
    #[arg(
        long = "database",
        env = "RELEASE_LINKS_DATABASE",
        value_name = "URL",
        default_value = "sqlite:data/release-links.db",
        hide_env_values = true
    )]
    pub(crate) url: String,
    /// PostgreSQL only: the maximum number of connections to the database.
    #[arg(long = "database-connections", env = "RELEASE_LINKS_DATABASE_CONNECTIONS", value_name = "N",
        default_value_t = Options::CONNECTIONS as u16, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) connections: u16,
    /// PostgreSQL only: how many seconds a request waits for the database before the answer is 503.
    #[arg(long = "database-timeout", env = "RELEASE_LINKS_DATABASE_TIMEOUT", value_name = "SECONDS",
        default_value_t = Options::TIMEOUT.as_secs(), value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) timeout: u64,
}

impl fmt::Debug for DatabaseArguments {
    /// A URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseArguments").finish_non_exhaustive()
    }
}

fn scope(word: &str) -> Result<Scope, String> {
    word.parse().map_err(|_| {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("no such scope, there are {}", known.join(", "))
    })
}

fn day(text: &str) -> Result<Date, InvalidDay> {
    expiry_day(text)
}

fn start_of_day(text: &str) -> Result<Timestamp, InvalidDay> {
    // The day at which a token expires may be sent with a time, which does not count.
    if text.len() != "2031-02-28".len() {
        return Err(InvalidDay);
    }
    day(text)?.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).map_err(|_| InvalidDay)
}

/// Where the server listens.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// The address that the server listens on; port 0 picks a free one.
    #[arg(long, env = "RELEASE_LINKS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,
}

/// The settings of the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listen: Listen,
    #[command(flatten)]
    pub(crate) database: DatabaseArguments,
    #[command(flatten)]
    pub(crate) files: FilesArguments,
    /// The largest file that a client may publish, in bytes.
    #[arg(long, env = "RELEASE_LINKS_MAX_FILE_SIZE", value_name = "BYTES",
        default_value_t = MaxFileSize::DEFAULT.bytes(), value_parser = clap::value_parser!(u64).range(1..=MaxFileSize::MAX.bytes()))]
    pub(crate) max_file_size: u64,
    /// The URL by which clients reach the server; by default the address it listens on. Required if that is a wildcard address.
    #[arg(long, env = "RELEASE_LINKS_EXTERNAL_URL", value_name = "URL")]
    pub(crate) external_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` and `X-Request-Id` are believed: addresses and networks, separated by commas.
    #[arg(long, env = "RELEASE_LINKS_TRUSTED_PROXIES", value_name = "NETWORKS")]
    pub(crate) trusted_proxies: Option<TrustedProxies>,
    /// How many seconds the server keeps an idle connection open; 0 closes every connection after its first answer.
    #[arg(long, env = "RELEASE_LINKS_KEEP_ALIVE", value_name = "SECONDS",
        default_value_t = Limits::KEEP_ALIVE.as_secs(), value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) keep_alive: u64,
    /// How many seconds the server goes on serving after SIGTERM, while readiness is 503 and every answer says `Connection: close`.
    #[arg(long, env = "RELEASE_LINKS_DRAIN", value_name = "SECONDS",
        default_value_t = Limits::DRAIN.as_secs(), value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub(crate) drain: u64,
    /// The maximum number of client connections; by default the process's limit on open files, less 64.
    #[arg(long, env = "RELEASE_LINKS_MAX_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_connections: Option<u32>,
    /// The address of a listener of its own that serves metrics for Prometheus at /metrics; without it, there are none.
    #[arg(long, env = "RELEASE_LINKS_METRICS_LISTEN", value_name = "HOST:PORT")]
    pub(crate) metrics_listen: Option<String>,
    /// The administrator's token on an empty database, at least 20 characters. It is no flag, as others can see flags.
    #[arg(long, env = "RELEASE_LINKS_ROOT_TOKEN", value_name = "TOKEN", hide_env_values = true, hide = true)]
    pub(crate) root_token: Option<Secret>,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Task {
    /// Run the server.
    Serve(Serve),
    /// Create, list or revoke tokens.
    Token(TokenCommand),
    /// Undo what the API cannot about a release.
    Release(ReleaseCommand),
    /// Drop old rows of the history.
    History(HistoryCommand),
    /// Copy the database into a file.
    Backup(Copy),
    /// Create the database from a copy.
    Restore(Copy),
    /// Copy from one database to another.
    Copy(CopyBetween),
    /// Check the files.
    Files(FilesCommand),
    /// Ask whether the server is ready.
    Healthcheck(Listen),
    /// Check or show the settings.
    Config(ConfigCommand),
    /// Print the OpenAPI document.
    OpenApi,
}

impl Arguments {
    /// The task, with `serve` as the default.
    pub(crate) fn into_task(self) -> Task {
        match self.command {
            Some(Command::Serve(serve)) => Task::Serve(serve),
            Some(Command::Token(command)) => Task::Token(command),
            Some(Command::Release(command)) => Task::Release(command),
            Some(Command::History(command)) => Task::History(command),
            Some(Command::Backup(copy)) => Task::Backup(copy),
            Some(Command::Restore(copy)) => Task::Restore(copy),
            Some(Command::Copy(between)) => Task::Copy(between),
            Some(Command::Files(command)) => Task::Files(command),
            Some(Command::Healthcheck(listen)) => Task::Healthcheck(listen),
            Some(Command::Config(command)) => Task::Config(command),
            Some(Command::OpenApi) => Task::OpenApi,
            None => Task::Serve(self.serve),
        }
    }
}
