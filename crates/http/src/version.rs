//! `/version` and `/metadata` (docs/contract.md, "Provisioning"), by which clients choose field names.

use release_links_usecases::may_read_version;
use serde::Serialize;

use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

/// The version of GitLab's API that the server speaks.
const VERSION: &str = "17.11.0";
/// The server's own version.
const REVISION: &str = concat!("release-links-", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Serialize)]
struct VersionBody {
    version: &'static str,
    revision: &'static str,
}

const VERSION_BODY: VersionBody = VersionBody { version: VERSION, revision: REVISION };

/// What an instance reports besides its version: its edition, and an agent server, which does not exist here.
#[derive(Debug, Serialize)]
struct MetadataBody {
    #[serde(flatten)]
    version: VersionBody,
    kas: AgentServerBody,
    enterprise: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentServerBody {
    enabled: bool,
    external_url: Option<&'static str>,
    external_k8s_proxy_url: Option<&'static str>,
    version: Option<&'static str>,
}

/// `GET /version`, for every authenticated caller.
pub(crate) async fn version(incoming: Incoming) -> Reply {
    may_read_version(&incoming.caller().await?)?;
    ok(&incoming.request, &VERSION_BODY)
}

/// `GET /metadata`, for every authenticated caller.
pub(crate) async fn metadata(incoming: Incoming) -> Reply {
    may_read_version(&incoming.caller().await?)?;
    let kas = AgentServerBody { enabled: false, external_url: None, external_k8s_proxy_url: None, version: None };
    ok(&incoming.request, &MetadataBody { version: VERSION_BODY, kas, enterprise: false })
}
