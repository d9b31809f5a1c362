//! What every test uses: a running server, a small HTTP client, and callers typed by identity.

mod api;
pub mod database;
pub mod document;
mod http;
mod process;
mod schema;
mod server;

pub use api::{Api, Caller, Visibility, encoded, is_refused};
pub use http::{Request, Response, at_once};
pub use process::most_memory;
pub use server::{Ended, Launch, ROOT_TOKEN, Server, Starting};

use std::time::Duration;

/// How long a test waits before it concludes that the server hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);
