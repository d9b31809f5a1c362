//! `GET /api/v4/openapi.json`: the OpenAPI document, for everybody (docs/contract.md, "The list of all operations").

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::operation::{self, Answer, Operation, WithoutCaller};
use crate::reply::{Prepared, Reply, prepared};

/// Returns the operation that shows the document.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get("/api/v4/openapi.json", "Get this document", get)
            .ours()
            .answers(Answer::ok::<DocumentBody>("An OpenAPI 3.1 document.")),
    ]
}

/// The document as it is sent: the committed one, because building it takes ten times its size in memory.
pub(crate) struct Document(Prepared);

impl Default for Document {
    fn default() -> Self {
        Self(Prepared::new(include_str!("../../../docs/openapi.json")))
    }
}

/// What a document has at least.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenApiDocument)]
struct DocumentBody {
    openapi: String,
    #[schema(value_type = Object)]
    info: serde_json::Value,
    #[schema(value_type = Object)]
    paths: serde_json::Value,
}

async fn get(asked: WithoutCaller) -> Reply {
    let request = &asked.incoming.request;
    prepared(request, &document(request)?.0)
}

fn document(request: &HttpRequest) -> Result<&Data<Document>, ApiError> {
    request.app_data().ok_or(ApiError::Unwired)
}
