//! `/-/health`, `/-/liveness`, `/-/readiness`: for whoever keeps the server running (docs/contract.md, "Starting the server").

use release_links_ports::StoreError;
use release_links_usecases::Refusal;
use serde::Serialize;

use crate::incoming::Incoming;
use crate::reply::{Reply, ok};

#[derive(Debug, Serialize)]
struct HealthBody {
    status: &'static str,
}

/// The process answers.
pub(crate) async fn alive(incoming: Incoming) -> Reply {
    ok(&incoming.request, &HealthBody { status: "ok" })
}

/// The process answers, and so does storage; else 503, whatever is the matter with storage.
pub(crate) async fn ready(incoming: Incoming) -> Reply {
    let storage = incoming.service.health.ping().await;
    storage.map_err(|error| Refusal::from(StoreError::Unavailable(error.into())))?;
    ok(&incoming.request, &HealthBody { status: "ok" })
}
