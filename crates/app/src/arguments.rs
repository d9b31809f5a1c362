//! The command line and the environment (contract section 10).

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Keeps release links for projects and redirects their permanent paths, over GitLab's REST API.
#[derive(Debug, Parser)]
#[command(name = "release-links", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

const AFTER_HELP: &str = "\
Environment:
  RELEASE_LINKS_ROOT_TOKEN  the administrator's token on an empty database, at least 20 characters;
                            without it a random one is made and shown once on stdout
  RELEASE_LINKS_LOG         what is logged to stderr: error, warn, info (default), debug

Without a command it serves. When ready it prints one line with `listening on http://HOST:PORT`.
SIGTERM and SIGINT stop it once the requests in flight are answered.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what happens without a command).
    Serve(Serve),
}

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, env = "RELEASE_LINKS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,
    /// Where everything is kept: sqlite:PATH, made when missing.
    #[arg(long, env = "RELEASE_LINKS_DATABASE", value_name = "URL", default_value = "sqlite:data/release-links.db")]
    pub(crate) database: String,
    /// Where people reach the server, if not at the address it listens on; needed when it listens on every address.
    #[arg(long, env = "RELEASE_LINKS_EXTERNAL_URL", value_name = "URL")]
    pub(crate) external_url: Option<String>,
}

impl Arguments {
    /// How to serve, however that was asked for.
    pub(crate) fn into_serve(self) -> Serve {
        match self.command {
            Some(Command::Serve(serve)) => serve,
            None => self.serve,
        }
    }
}

/// What is logged.
pub(crate) fn log_filter() -> EnvFilter {
    EnvFilter::builder()
        .with_env_var("RELEASE_LINKS_LOG")
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy()
}
