//! Answers: JSON with a weak `ETag`, or a redirect (docs/contract.md, "Link endpoints" and "Permanent links").

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, LOCATION, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Limits;
use crate::error::ApiError;
use crate::incoming::is_read;
use crate::shapes::AcceptedBody;

/// What a handler returns.
pub(crate) type Reply = Result<HttpResponse, ApiError>;

/// Answers 200 with `body` as JSON.
pub(crate) fn ok(request: &HttpRequest, body: &impl Serialize) -> Reply {
    one(request, StatusCode::OK, body)
}

/// Answers 201 with `body` as JSON.
pub(crate) fn created(request: &HttpRequest, body: &impl Serialize) -> Reply {
    one(request, StatusCode::CREATED, body)
}

/// Answers with one object as JSON.
pub(crate) fn one(request: &HttpRequest, status: StatusCode, body: &impl Serialize) -> Reply {
    answer(request, status, body, Vec::new(), true)
}

/// Answers 202 to a deletion that finishes in the background.
pub(crate) fn accepted(request: &HttpRequest) -> Reply {
    json(request, StatusCode::ACCEPTED, &AcceptedBody::ACCEPTED, Vec::new())
}

/// Answers 204 without a body.
pub(crate) fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Answers with a list as JSON, or 304 if the client has this answer already.
pub(crate) fn json(
    request: &HttpRequest,
    status: StatusCode,
    body: &impl Serialize,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Reply {
    answer(request, status, body, headers, false)
}

/// Answers with `body` as JSON and an `ETag`, which only a list may be too large to have.
fn answer(
    request: &HttpRequest,
    status: StatusCode,
    body: &impl Serialize,
    headers: Vec<(HeaderName, HeaderValue)>,
    is_one: bool,
) -> Reply {
    finish(request, status, serialise(body, is_one, Vec::new())?, headers)
}

/// Answers with one object that may be large, serialised off the worker thread. `length` is about its maximum length in
/// bytes.
pub(crate) async fn large<B: Serialize>(
    request: &HttpRequest,
    status: StatusCode,
    length: usize,
    shape: impl FnOnce() -> B + Send + 'static,
) -> Reply {
    // Allocate on this thread: memory that another thread frees is reused only once the thread that allocated it is
    // active again, and this one is.
    let buffer = Vec::with_capacity(length);
    let serialised = web::block(move || serialise(&shape(), true, buffer)).await.map_err(|_| ApiError::Unwired)??;
    finish(request, status, serialised, Vec::new())
}

/// An answer that is the same for everybody, ready to be sent.
pub(crate) struct Prepared(Serialised);

impl Prepared {
    /// Prepares JSON.
    pub(crate) fn new(json: String) -> Self {
        let tag = weak_tag(json.as_bytes());
        Self((json.into_bytes(), Some(tag)))
    }
}

/// Answers 200 with JSON that was prepared.
pub(crate) fn prepared(request: &HttpRequest, prepared: &Prepared) -> Reply {
    finish(request, StatusCode::OK, prepared.0.clone(), Vec::new())
}

/// JSON and its `ETag`.
type Serialised = (Vec<u8>, Option<String>);

fn serialise(body: &impl Serialize, is_one: bool, mut json: Vec<u8>) -> Result<Serialised, ApiError> {
    serde_json::to_writer(&mut json, body)?;
    let tag = (is_one || json.len() <= Limits::TAGGED_LIST).then(|| weak_tag(&json));
    Ok((json, tag))
}

fn finish(
    request: &HttpRequest,
    status: StatusCode,
    (body, tag): Serialised,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Reply {
    let is_known = is_read(request.method()) && tag.as_ref().is_some_and(|tag| if_none_match_names(request, tag));
    let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { status });
    for header in headers {
        response.insert_header(header);
    }
    if let Some(tag) = tag {
        response.insert_header((ETAG, tag));
    }
    if is_known {
        return Ok(response.finish());
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    Ok(response.body(crate::large::body(request, body)?))
}

/// Redirects without telling the target where the client comes from.
pub(crate) fn redirect(status: StatusCode, location: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((LOCATION, location));
    response.insert_header((REFERRER_POLICY, "no-referrer"));
    response.finish()
}

fn weak_tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let mut tag = String::from("W/\"");
    HEXLOWER.encode_append(&digest[..16], &mut tag);
    tag.push('"');
    tag
}

/// Whether `If-None-Match` names this tag, compared weakly (RFC 9110 section 13.1.2).
fn if_none_match_names(request: &HttpRequest, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    request
        .headers()
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_matching_etag_is_answered_with_304_and_no_body() {
        let tag = weak_tag(b"1");
        for (known, status) in [
            (tag.clone(), 304),
            (tag.trim_start_matches("W/").to_owned(), 304),
            (format!("\"x\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"x\"".to_owned(), 200),
        ] {
            let request = TestRequest::get().insert_header((IF_NONE_MATCH, known.as_str())).to_http_request();
            assert_eq!(ok(&request, &1).unwrap().status().as_u16(), status, "{known}");
        }
    }

    #[test]
    fn a_write_ignores_if_none_match() {
        let request = TestRequest::post().insert_header((IF_NONE_MATCH, "*")).to_http_request();
        assert_eq!(created(&request, &1).unwrap().status().as_u16(), 201);
    }
}
