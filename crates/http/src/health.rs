//! `/-/health`, `/-/liveness`, `/-/readiness`: for who keeps the server running (contract section 10).

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

/// The process answers, and so does storage; else 503.
pub(crate) async fn ready(incoming: Incoming) -> Reply {
    incoming.service.health.ping().await.map_err(Refusal::from)?;
    ok(&incoming.request, &HealthBody { status: "ok" })
}
