//! Gives every answer a request id, the headers that keep it private, and its line in the log.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use actix_web::HttpMessage;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::web::Data;

use release_links_domain::token::TokenRefusal;
use release_links_domain::{TokenId, UserId};
use release_links_usecases::Refusal;
use tracing::Instrument as _;

use crate::Service;
use crate::asked::Asked;
use crate::error::ApiError;
use crate::metrics::Metrics;
use crate::proxies::REQUEST_ID;

/// Distinguishes the request ids of this process from those of earlier ones.
static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Serves a request in a span with its id, counts it if there are `metrics`, and logs it. The path is logged without its query, which may contain a token.
pub(crate) async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
    metrics: Option<Arc<Metrics>>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let proxies = request.app_data::<Data<Service>>().map(|service| &service.trusted_proxies);
    let sender = proxies.zip(request.peer_addr());
    let client = sender.map(|(proxies, sender)| proxies.client(sender.ip(), request.headers()));
    let given = sender.and_then(|(proxies, sender)| proxies.request_id(sender.ip(), request.headers()));
    let id = given.map_or_else(new_id, str::to_owned);
    // An error's level: without the span, no line about the request would have its id.
    let span = tracing::error_span!("request", request_id = id);
    answer(request, next, metrics, Origin { began, client, id }).instrument(span).await
}

/// Where and when a request comes from, and what it is called.
struct Origin {
    began: Instant,
    client: Option<IpAddr>,
    id: String,
}

/// Serves a request and logs it, in its span.
async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
    metrics: Option<Arc<Metrics>>,
    Origin { began, client, id }: Origin,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let status = response.status();
    if status.is_server_error() {
        let why = response.response().error().map(chain).unwrap_or_default();
        tracing::error!(why, "request failed");
    }
    let headers = response.headers_mut();
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    crate::cors::share(&mut response);
    if let Some(reason) = response.response().error().and_then(refused_credential) {
        tracing::warn!(client = client.map(display), reason, "authentication failed");
    }
    let request = response.request();
    let extensions = request.extensions();
    let asked = extensions.get::<Asked>();
    let (user, token) = asked.and_then(|asked| asked.by).unzip();
    if let Some(metrics) = metrics {
        metrics.answered(asked.map(|asked| &asked.operation), request.method(), status, began.elapsed());
    }
    tracing::info!(
        client = client.map(display),
        user = user.map(UserId::get),
        token = token.map(TokenId::get),
        operation = asked.map(|asked| asked.operation.as_str()),
        method = request.method().as_str(),
        path = request.uri().path(),
        status = status.as_u16(),
        bytes = length(&response),
        micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    drop(extensions);
    Ok(response)
}

/// Returns an id that no other request has.
fn new_id() -> String {
    format!("{:016x}-{:x}", *START, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Returns the length of an answer's body, unless it is still being made.
fn length(response: &ServiceResponse<impl MessageBody>) -> Option<u64> {
    match response.response().body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(length) => Some(length),
        BodySize::Stream => None,
    }
}

/// Returns why a credential was refused, if that is the error: in one word, which programs can rely on.
fn refused_credential(error: &actix_web::Error) -> Option<&'static str> {
    match error.as_error::<ApiError>()? {
        ApiError::Refused(Refusal::Token(TokenRefusal::Unknown)) => Some("unknown"),
        ApiError::Refused(Refusal::Token(TokenRefusal::Expired)) => Some("expired"),
        ApiError::Refused(Refusal::Token(TokenRefusal::Revoked)) => Some("revoked"),
        _ => None,
    }
}

/// Returns an error's message with all its causes.
fn chain(error: &actix_web::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.as_error::<ApiError>().and_then(std::error::Error::source);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
