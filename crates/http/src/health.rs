//! `/-/health`, `/-/liveness` and `/-/readiness`, for monitoring (docs/contract.md, "Starting the server").

use release_links_ports::StoreError;
use release_links_usecases::Refusal;
use serde::Serialize;

use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

#[derive(Debug, Serialize)]
struct HealthBody {
    status: &'static str,
}

/// Answers 200: the process is alive.
pub(crate) async fn alive(incoming: Incoming) -> Reply {
    ok(&incoming.request, &HealthBody { status: "ok" })
}

/// Answers 200 if storage responds, otherwise 503 whatever the reason.
pub(crate) async fn ready(incoming: Incoming) -> Reply {
    let storage = incoming.service.health.ping().await;
    storage.map_err(|error| Refusal::from(StoreError::Unavailable(error.into())))?;
    ok(&incoming.request, &HealthBody { status: "ok" })
}
