//! `/version` (contract section 9): what clients choose field names by.

use serde::Serialize;

use crate::incoming::Incoming;
use crate::reply::{Reply, ok};
use release_links_domain::token::{Caller, Intent};
use release_links_usecases::Refusal;

/// The version of GitLab's API that we speak.
const VERSION: &str = "17.11.0";
/// Our own version.
const REVISION: &str = concat!("release-links-", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Serialize)]
struct VersionBody {
    version: &'static str,
    revision: &'static str,
}

/// `GET /version`, for whoever is signed in.
pub(crate) async fn version(incoming: Incoming) -> Reply {
    match incoming.caller().await? {
        Caller::Anonymous => Err(Refusal::NotSignedIn.into()),
        Caller::Token(bearer) if !bearer.covers(Intent::Read) => Err(Refusal::InsufficientScope.into()),
        Caller::Token(_) => ok(&incoming.request, &VersionBody { version: VERSION, revision: REVISION }),
    }
}
