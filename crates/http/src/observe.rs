//! Gives every answer a request id, the headers that keep it private, and its line in the log.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;

use crate::operation::OperationId;

/// The header in which clients find the request id that the log has.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Distinguishes the request ids of this process from those of earlier ones.
static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Serves a request and logs it. The path is logged without its query, which may contain a token.
pub(crate) async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let id = format!("{:016x}-{:x}", *START, COUNT.fetch_add(1, Ordering::Relaxed));
    let mut response = next.call(request).await?;
    let status = response.status();
    if status.is_server_error() {
        let why = response.response().error().map(chain).unwrap_or_default();
        tracing::error!(request_id = %id, why, "request failed");
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let operation = response.request().extensions().get::<OperationId>().cloned();
    tracing::info!(
        request_id = %id,
        operation = operation.as_ref().map(OperationId::as_str),
        method = %response.request().method(),
        path = response.request().uri().path(),
        status = status.as_u16(),
        micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    Ok(response)
}

/// Returns an error's message with all its causes.
fn chain(error: &actix_web::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.as_error::<crate::error::ApiError>().and_then(std::error::Error::source);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
