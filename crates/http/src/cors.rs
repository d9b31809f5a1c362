//! Cross-origin requests (docs/contract.md, "Link endpoints", other origins): pages of any origin may use the API and follow
//! permanent links, without the credentials that a browser adds on its own.

use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

use crate::params::segments;
use crate::project_address::decodes_to;

/// Headers of answers that a page may read: those that GitLab exposes and this server sends, and our own.
const EXPOSED: &str = "Link, X-Total, X-Total-Pages, X-Per-Page, X-Page, X-Next-Page, X-Prev-Page, ETag, X-Release-Links, \
     X-Release-Tag, X-Checksum-SHA256, X-Linked-Size";
/// What a preflight allows anywhere. Whether a path has the method is up to the request itself.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// How long a browser may remember a preflight, in seconds: as long as browsers do at most.
const MAX_AGE: &str = "7200";

/// Lets a page of another origin read the answer, if one asked.
pub(crate) fn share(response: &mut ServiceResponse<impl Sized>) {
    if !response.request().headers().contains_key(ORIGIN) || !is_shared(response.request().uri().path()) {
        return;
    }
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    let vary = if headers.contains_key(VARY) { "Accept, Origin" } else { "Origin" };
    headers.insert(VARY, HeaderValue::from_static(vary));
}

/// Answers the request by which a browser asks whether it may send another one, and returns nothing for other requests.
pub(crate) fn preflight(request: &HttpRequest) -> Option<HttpResponse> {
    let headers = request.headers();
    let asks = request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || !is_shared(request.uri().path()) {
        return None;
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
    response.insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE));
    if let Some(names) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, names.clone()));
    }
    Some(response.finish())
}

/// Whether a raw path is one of the API, or below the releases of a project on the web, where permanent links are and lead.
fn is_shared(raw_path: &str) -> bool {
    let mut segments = segments(raw_path);
    let Some(first) = segments.next() else { return false };
    decodes_to(first, "api")
        || segments
            .skip_while(|segment| !decodes_to(segment, "-"))
            .nth(1)
            .is_some_and(|word| decodes_to(word, "releases"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_and_permanent_links_are_shared_however_they_are_spelled() {
        for shared in [
            "/api/v4/projects",
            "//%61pi/v4/nothing",
            "/g/p/-/releases/v1/downloads/bin/a",
            "/g/p/%2D/rele%61ses/permalink/latest",
            "/g/-p/-/releases/v1",
        ] {
            assert!(is_shared(shared), "{shared}");
        }
        for own in ["/", "/-/readiness", "/-/releases", "/g/p/-/", "/g/p/-/tags/releases", "/g/p/releases", "/apis"] {
            assert!(!is_shared(own), "{own}");
        }
    }
}
