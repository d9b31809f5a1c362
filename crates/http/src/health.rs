//! `/-/health`, `/-/liveness` and `/-/readiness`, for monitoring (docs/contract.md, "Starting the server").

use release_links_ports::StoreError;
use release_links_usecases::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::operation::{self, Answer, Operation, WithoutCaller};
use crate::reply::{Reply, ok};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthBody {
    status: &'static str,
}

/// Returns the operations for monitoring.
pub(crate) fn operations() -> Vec<Operation> {
    let healthy = || Answer::ok::<HealthBody>("All is well.");
    vec![
        operation::get("/-/health", "Whether the process is alive", alive).answers(healthy()),
        operation::get("/-/liveness", "Whether the process is alive", alive).answers(healthy()),
        operation::get("/-/readiness", "Whether storage responds and the server is not about to stop", ready)
            .answers(healthy()),
    ]
}

/// Answers 200: the process is alive.
async fn alive(asked: WithoutCaller) -> Reply {
    ok(&asked.incoming.request, &HealthBody { status: "ok" })
}

/// Answers 200 if storage responds and the server is not about to stop, otherwise 503 whatever the reason.
async fn ready(asked: WithoutCaller) -> Reply {
    if asked.incoming.service.drain.has_begun() {
        return Err(ApiError::Stopping);
    }
    let storage = asked.incoming.service.health.ping().await;
    storage.map_err(|error| Refusal::from(StoreError::Unavailable(error.into())))?;
    ok(&asked.incoming.request, &HealthBody { status: "ok" })
}
