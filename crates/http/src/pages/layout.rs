//! What all pages share: where the stylesheet is, and the headers.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY};

use super::style;

/// The content type of a page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// What the base of all templates needs.
pub(super) struct Layout {
    /// The address of the stylesheet.
    pub(super) style: String,
}

impl Layout {
    /// Returns the layout of a service whose external URL has this path.
    pub(super) fn new(root: &str) -> Self {
        Self { style: style::address(root) }
    }
}

/// Returns the headers of every page. No script runs, nothing comes from another host, and where a link leads does not
/// learn the address of the page, which may contain a token.
pub(super) fn headers() -> Vec<(HeaderName, HeaderValue)> {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                  frame-ancestors 'none'";
    vec![
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}
