//! The bytes of a file as an answer.

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, EntityTag,
    HeaderName, HeaderValue,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::{BASE64, HEXLOWER};
use futures_util::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use release_links_domain::file::{FileKey, StoredBytes};
use release_links_usecases::Files;

use super::range::Part;
use crate::error::ApiError;
use crate::operation::BYTES;
use crate::permanent::CHECKSUM;
use crate::reply::{Reply, if_none_match_names};

/// The digest of the whole file (RFC 9530).
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
/// A file is somebody's, and must not act in the name of this server where a browser shows it.
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox");
/// What RFC 8187 leaves as it is in the name of a file, of all that such names have.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'+').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Answers with a file, or with the range that the request asks for.
pub(super) async fn answer(
    request: &HttpRequest,
    files: &Files,
    key: &FileKey,
    name: &str,
    bytes: &StoredBytes,
) -> Reply {
    let sha256 = bytes.digests.sha256.as_str();
    let (tag, text) = (EntityTag::new_strong(sha256.to_owned()), format!("\"{sha256}\""));
    if if_none_match_names(request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, text)).finish());
    }
    let size = bytes.size.bytes().unsigned_abs();
    let is_get = request.method() == Method::GET;
    let part = if is_get { Part::asked_for(request.headers(), size, &text) } else { Part::Whole };
    let (status, range) = match part {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Range(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Nothing => return Err(ApiError::NoSuchRange(size)),
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(BYTES)));
    response.insert_header((CONTENT_DISPOSITION, disposition(name)));
    response.insert_header((ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    response.insert_header((ETAG, text));
    response.insert_header((CHECKSUM, sha256));
    response.insert_header((REPR_DIGEST, repr_digest(sha256)));
    response.insert_header((CONTENT_SECURITY_POLICY, SANDBOX));
    if status == StatusCode::PARTIAL_CONTENT {
        let Range { start, end } = range;
        response.insert_header((CONTENT_RANGE, format!("bytes {start}-{}/{size}", end.saturating_sub(1))));
    }
    let length = range.end - range.start;
    let body = if is_get {
        files
            .read(key, range)
            .await?
            .map_err(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "a file cannot be read to its end");
                error
            })
            .boxed_local()
    } else {
        stream::empty().boxed_local()
    };
    Ok(response.body(SizedStream::new(length, body)))
}

fn disposition(name: &str) -> String {
    format!("attachment; filename=\"{name}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ATTR_CHAR))
}

fn repr_digest(hex: &str) -> String {
    format!("sha-256=:{}:", BASE64.encode(&HEXLOWER.decode(hex.as_bytes()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_told_twice() {
        assert_eq!(disposition("a+b~1.tar"), "attachment; filename=\"a+b~1.tar\"; filename*=UTF-8''a+b~1.tar");
        assert_eq!(disposition("a@b"), "attachment; filename=\"a@b\"; filename*=UTF-8''a%40b");
    }

    #[test]
    fn the_digest_is_that_of_rfc_9530() {
        // The example of its appendix B.1.
        let hex = "5f8f04f6a3a892aaabbddb6cf273894493773960d4a325b105fee46eef4304f1";
        assert_eq!(repr_digest(hex), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    }
}
