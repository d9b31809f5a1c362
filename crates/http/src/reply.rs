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

/// How a handler ends.
pub(crate) type Reply = Result<HttpResponse, ApiError>;

/// `body` as JSON with status 200.
pub(crate) fn ok(request: &HttpRequest, body: &impl Serialize) -> Reply {
    one(request, StatusCode::OK, body)
}

/// `body` as JSON with status 201.
pub(crate) fn created(request: &HttpRequest, body: &impl Serialize) -> Reply {
    one(request, StatusCode::CREATED, body)
}

/// `body` as JSON with this status.
pub(crate) fn one(request: &HttpRequest, status: StatusCode, body: &impl Serialize) -> Reply {
    answer(request, status, body, Vec::new(), true)
}

/// Nothing, with status 204.
pub(crate) fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// A list as JSON; a reader who has this very answer already gets 304.
pub(crate) fn json(
    request: &HttpRequest,
    status: StatusCode,
    body: &impl Serialize,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Reply {
    answer(request, status, body, headers, false)
}

/// `body` as JSON, with a tag unless it is larger than what has one; one thing has one always.
fn answer(
    request: &HttpRequest,
    status: StatusCode,
    body: &impl Serialize,
    headers: Vec<(HeaderName, HeaderValue)>,
    is_one: bool,
) -> Reply {
    finish(request, status, written(body, is_one, Vec::new())?, headers)
}

/// One thing that may be large, as JSON: put into words where that keeps no worker from others. It has at most about `length`
/// bytes.
pub(crate) async fn large<B: Serialize>(
    request: &HttpRequest,
    status: StatusCode,
    length: usize,
    shape: impl FnOnce() -> B + Send + 'static,
) -> Reply {
    // The allocator keeps what a thread allocated and another freed until the first is busy again, and this thread is.
    let room = Vec::with_capacity(length);
    let written = web::block(move || written(&shape(), true, room)).await.map_err(|_| ApiError::Unwired)??;
    finish(request, status, written, Vec::new())
}

/// JSON and its tag.
type Written = (Vec<u8>, Option<String>);

fn written(body: &impl Serialize, is_one: bool, mut json: Vec<u8>) -> Result<Written, ApiError> {
    serde_json::to_writer(&mut json, body)?;
    let tag = (is_one || json.len() <= Limits::TAGGED_LIST).then(|| weak_tag(&json));
    Ok((json, tag))
}

fn finish(
    request: &HttpRequest,
    status: StatusCode,
    (body, tag): Written,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Reply {
    let is_known = is_read(request.method()) && tag.as_ref().is_some_and(|tag| knows(request, tag));
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

/// A redirect that tells its target nothing of where the reader comes from.
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
fn knows(request: &HttpRequest, tag: &str) -> bool {
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
    fn a_known_tag_is_answered_with_304_and_no_body() {
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
    fn a_write_is_answered_whatever_the_client_knows() {
        let request = TestRequest::post().insert_header((IF_NONE_MATCH, "*")).to_http_request();
        assert_eq!(created(&request, &1).unwrap().status().as_u16(), 201);
    }
}
