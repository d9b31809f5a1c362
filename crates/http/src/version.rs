//! `/version` and `/metadata` (docs/contract.md, "Provisioning"), by which clients choose field names.

use release_links_usecases::may_read_version;
use serde::Serialize;
use utoipa::ToSchema;

use crate::operation::{self, Answer, CallerThenParameters, Nothing, Operation};
use crate::reply::{Reply, ok};

/// The version of GitLab's API that the server speaks.
const VERSION: &str = "17.11.0";
/// The server's own version.
const REVISION: &str = concat!("release-links-", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Version)]
struct VersionBody {
    version: &'static str,
    revision: &'static str,
}

const VERSION_BODY: VersionBody = VersionBody { version: VERSION, revision: REVISION };

/// What an instance reports besides its version: its edition, and an agent server, which does not exist here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesMetadata)]
struct MetadataBody {
    #[serde(flatten)]
    version: VersionBody,
    kas: AgentServerBody,
    enterprise: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIEntitiesMetadataKas)]
#[serde(rename_all = "camelCase")]
struct AgentServerBody {
    enabled: bool,
    #[schema(required = true)]
    external_url: Option<&'static str>,
    #[schema(required = true)]
    external_k8s_proxy_url: Option<&'static str>,
    #[schema(required = true)]
    version: Option<&'static str>,
}

/// Returns the operations that describe the server.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get("/api/v4/version", "Get the version", version)
            .signed_in()
            .answers(Answer::ok::<VersionBody>("The version of GitLab's API, and the server's own.")),
        operation::get("/api/v4/metadata", "Get the version and edition", metadata).signed_in().answers(Answer::ok::<
            MetadataBody,
        >(
            "The version of GitLab's API, and the server's own.",
        )),
    ]
}

async fn version(asked: CallerThenParameters<Nothing, ()>) -> Reply {
    may_read_version(&asked.caller)?;
    ok(&asked.incoming.request, &VERSION_BODY)
}

async fn metadata(asked: CallerThenParameters<Nothing, ()>) -> Reply {
    may_read_version(&asked.caller)?;
    let kas = AgentServerBody { enabled: false, external_url: None, external_k8s_proxy_url: None, version: None };
    ok(&asked.incoming.request, &MetadataBody { version: VERSION_BODY, kas, enterprise: false })
}
