//! The private parsers, for the fuzz targets in `tests/parsers` alone: parameters as JSON, every error as `None`.

use actix_web::http::header::{HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use serde_json::Value;

use crate::params::{
    Allowance, Malformed, Param, Params, check_path, decode_segment, from_form, from_json, from_multipart,
};
use crate::preconditions::Preconditions;

/// Parses a form of at most `parameters` parameters.
#[must_use]
pub fn form(bytes: &[u8], parameters: usize) -> Option<Value> {
    shown(from_form(bytes, &mut Allowance { left: parameters }))
}

/// Parses a JSON body of at most `parameters` parameters.
#[must_use]
pub fn json(bytes: &[u8], parameters: usize) -> Option<Value> {
    shown(from_json(bytes, &mut Allowance { left: parameters }))
}

/// Parses a multipart body of at most `parameters` parameters.
pub async fn multipart(content_type: &[u8], body: Vec<u8>, parameters: usize) -> Option<Value> {
    let content_type = HeaderValue::from_bytes(content_type).ok()?;
    shown(from_multipart(&content_type, Bytes::from(body), &mut Allowance { left: parameters }).await)
}

/// Returns the decoded segments of a raw path, if the path as a whole is well-formed.
#[must_use]
pub fn path(raw: &str) -> Option<Vec<String>> {
    check_path(raw).ok()?;
    raw.split('/').map(|segment| decode_segment(segment).ok()).collect()
}

/// Whether GET is answered with 304 if these are the lines of `If-None-Match`; the other value is the `ETag`.
#[must_use]
pub fn if_none_match(lines: &[&[u8]]) -> Option<(bool, String)> {
    let mut request = TestRequest::default().method(Method::GET);
    for line in lines {
        request = request.append_header((IF_NONE_MATCH, HeaderValue::from_bytes(line).ok()?));
    }
    let answer = crate::reply::ok(&request.to_http_request(), &0).ok()?;
    let tag = answer.headers().get("etag")?.to_str().ok()?.to_owned();
    Some((answer.status() == StatusCode::NOT_MODIFIED, tag))
}

/// Whether a write to an object with the strong tag `current` goes on if this is the value of `If-Match`.
#[must_use]
pub fn if_match(value: &[u8], current: &[u8]) -> Option<bool> {
    let mut headers = HeaderMap::new();
    headers.insert(IF_MATCH, HeaderValue::from_bytes(value).ok()?);
    Some(Preconditions::of(&headers).ok()?.hold(current))
}

fn shown(parsed: Result<Params, Malformed>) -> Option<Value> {
    parsed.ok().map(map)
}

fn map(mut params: Params) -> Value {
    let names: Vec<String> = params.names().map(str::to_owned).collect();
    names.into_iter().filter_map(|name| params.remove(&name).map(|param| (name, value(param)))).collect()
}

fn value(param: Param) -> Value {
    match param {
        Param::Null => Value::Null,
        Param::Text(text) => Value::String(text),
        Param::List(items) => items.into_iter().map(value).collect(),
        Param::Map(params) => map(params),
    }
}
