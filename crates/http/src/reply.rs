//! Answers: JSON or text with an `ETag`, or a redirect (docs/contract.md, "Link endpoints" and "Permanent links").

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_TYPE, ETAG, EntityTag, Header, HeaderName, HeaderValue, IfNoneMatch, LOCATION, REFERRER_POLICY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use release_links_domain::link::Outcome;
use serde::Serialize;

use crate::Limits;
use crate::digest::digest;
use crate::error::ApiError;
use crate::incoming::is_read;
use crate::operation::{JSON, TEXT};
use crate::shapes::AcceptedBody;

/// The length in bytes that few answers with one object exceed.
const USUAL_LENGTH: usize = 1024;

/// What a handler returns.
pub(crate) type Reply = Result<HttpResponse, ApiError>;

/// How an answer is identified by its `ETag`.
#[derive(Clone, Copy)]
enum Tagging {
    /// Byte for byte: for what conditional requests may name.
    Strong,
    /// By its meaning.
    Weak,
    /// Like weak, unless it is too large a list.
    WeakIfSmall,
}

/// The status and the further headers of an answer.
pub(crate) type Head = (StatusCode, Vec<(HeaderName, HeaderValue)>);

/// 200 without further headers.
pub(crate) const OK: Head = (StatusCode::OK, Vec::new());

/// The header that says what became of what was sent.
const OUTCOME: HeaderName = HeaderName::from_static("x-release-links");

/// Returns the head of an answer that says what became of what was sent.
pub(crate) fn told(outcome: Outcome) -> Head {
    let status = if outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    (status, vec![(OUTCOME, HeaderValue::from_static(outcome.as_str()))])
}

/// Answers 200 with `body` as JSON.
pub(crate) fn ok(request: &HttpRequest, body: &impl Serialize) -> Reply {
    answer(request, StatusCode::OK, body, Vec::new(), Tagging::Weak)
}

/// Answers 201 with `body` as JSON.
pub(crate) fn created(request: &HttpRequest, body: &impl Serialize) -> Reply {
    answer(request, StatusCode::CREATED, body, Vec::new(), Tagging::Weak)
}

/// Answers with one object as JSON and a strong `ETag`: the one that GET of the same object gives.
pub(crate) fn one(request: &HttpRequest, status: StatusCode, body: &impl Serialize) -> Reply {
    answer(request, status, body, Vec::new(), Tagging::Strong)
}

/// Like [`one`], with further headers.
pub(crate) fn one_with(request: &HttpRequest, (status, headers): Head, body: &impl Serialize) -> Reply {
    answer(request, status, body, headers, Tagging::Strong)
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
    answer(request, status, body, headers, Tagging::WeakIfSmall)
}

/// Answers with `body` as JSON and an `ETag`.
fn answer(
    request: &HttpRequest,
    status: StatusCode,
    body: &impl Serialize,
    headers: Vec<(HeaderName, HeaderValue)>,
    tagging: Tagging,
) -> Reply {
    let (json, tag) = serialise(body, tagging, Vec::with_capacity(USUAL_LENGTH))?;
    finish(request, status, JSON, tag, headers, || crate::large::body(request, json))
}

/// Answers with one object that may be large, serialised off the worker thread. `length` is about its maximum length in
/// bytes.
pub(crate) async fn large<B: Serialize>(
    request: &HttpRequest,
    (status, headers): Head,
    length: usize,
    shape: impl FnOnce() -> B + Send + 'static,
) -> Reply {
    // Allocate on this thread: memory that another thread frees is reused only once the thread that allocated it is
    // active again, and this one is.
    let buffer = Vec::with_capacity(length);
    let (json, tag) = crate::large::block(move || serialise(&shape(), Tagging::Strong, buffer)).await??;
    finish(request, status, JSON, tag, headers, || crate::large::body(request, json))
}

/// Answers 200 like [`large`], with the `ETag` of an object that the answer is about, which `shape` returns first.
pub(crate) async fn large_about<T: Serialize, B: Serialize>(
    request: &HttpRequest,
    length: usize,
    shape: impl FnOnce() -> (T, B) + Send + 'static,
) -> Reply {
    let mut json = Vec::with_capacity(length);
    let serialised = crate::large::block(move || {
        let (subject, body) = shape();
        serde_json::to_writer(&mut json, &body)?;
        Ok::<_, ApiError>((json, tag_of(&subject)?))
    });
    let (json, tag) = serialised.await??;
    finish(request, StatusCode::OK, JSON, Some(tag), Vec::new(), || crate::large::body(request, json))
}

/// An answer that is the same for everybody, ready to be sent.
pub(crate) struct Prepared {
    json: Bytes,
    tag: EntityTag,
}

impl Prepared {
    /// Prepares JSON.
    pub(crate) fn new(json: &'static str) -> Self {
        let tag = EntityTag::new_weak(digest(json.as_bytes()));
        Self { json: Bytes::from_static(json.as_bytes()), tag }
    }
}

/// Answers 200 with JSON that was prepared. All answers share its memory, so readers of it keep nothing from others.
pub(crate) fn prepared(request: &HttpRequest, prepared: &Prepared) -> Reply {
    let body = || Ok(crate::large::shared(prepared.json.clone()));
    finish(request, StatusCode::OK, JSON, Some(prepared.tag.clone()), Vec::new(), body)
}

/// Answers 200 with a plain text and a strong `ETag`.
pub(crate) fn text(request: &HttpRequest, text: String, headers: Vec<(HeaderName, HeaderValue)>) -> Reply {
    typed(request, TEXT, text, headers)
}

/// Answers 200 with a text of some content type and a strong `ETag`.
pub(crate) fn typed(
    request: &HttpRequest,
    content_type: &'static str,
    text: String,
    headers: Vec<(HeaderName, HeaderValue)>,
) -> Reply {
    let tag = EntityTag::new_strong(digest(text.as_bytes()));
    finish(request, StatusCode::OK, content_type, Some(tag), headers, || crate::large::body(request, text.into_bytes()))
}

/// JSON and its `ETag`.
type Serialised = (Vec<u8>, Option<EntityTag>);

fn serialise(body: &impl Serialize, tagging: Tagging, mut json: Vec<u8>) -> Result<Serialised, ApiError> {
    serde_json::to_writer(&mut json, body)?;
    let tag = match tagging {
        Tagging::Strong => Some(EntityTag::new_strong(digest(&json))),
        Tagging::WeakIfSmall if json.len() > Limits::TAGGED_LIST => None,
        Tagging::Weak | Tagging::WeakIfSmall => Some(EntityTag::new_weak(digest(&json))),
    };
    Ok((json, tag))
}

fn finish(
    request: &HttpRequest,
    status: StatusCode,
    content_type: &'static str,
    tag: Option<EntityTag>,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: impl FnOnce() -> Result<BoxBody, ApiError>,
) -> Reply {
    let is_known = is_read(request.method()) && tag.as_ref().is_some_and(|tag| if_none_match_names(request, tag));
    let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { status });
    for header in headers {
        response.insert_header(header);
    }
    if let Some(tag) = tag {
        let weak = if tag.weak { "W/" } else { "" };
        response.insert_header((ETAG, [weak, "\"", tag.tag(), "\""].concat()));
    }
    if is_known {
        return Ok(response.finish());
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(content_type)));
    Ok(response.body(body()?))
}

/// Redirects without telling the target where the client comes from.
pub(crate) fn redirect(status: StatusCode, location: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((LOCATION, location));
    response.insert_header((REFERRER_POLICY, HeaderValue::from_static("no-referrer")));
    response.finish()
}

/// Returns the `ETag` of one object: that of the answer to a GET of it.
pub(crate) fn tag_of(body: &impl Serialize) -> Result<EntityTag, ApiError> {
    Ok(EntityTag::new_strong(digest(&serde_json::to_vec(body)?)))
}

/// Whether `If-None-Match` names this tag, compared weakly (RFC 9110 section 13.1.2).
pub(crate) fn if_none_match_names(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::IF_NONE_MATCH;
    use actix_web::test::TestRequest;

    #[test]
    fn a_matching_etag_is_answered_with_304_and_no_body() {
        let tag = format!("W/\"{}\"", digest(b"1"));
        for (known, status) in [
            (tag.clone(), 304),
            (tag.trim_start_matches("W/").to_owned(), 304),
            (format!("\"x\", {tag}"), 304),
            (format!("\"a,b\", {tag}"), 304),
            (tag.trim_start_matches("W/").trim_matches('"').to_owned(), 200),
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
