//! What all pages share: where the stylesheet is, the headers, dates, and neighbouring pages.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use release_links_ports::PageRequest;

use super::style;
use crate::shapes::time;

/// The content type of a page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// What the base of all templates needs.
pub(super) struct Layout {
    /// The address of the stylesheet.
    pub(super) style: String,
    /// The address of the start page.
    pub(super) start: String,
}

impl Layout {
    /// Returns the layout of a service whose external URL has this path.
    pub(super) fn new(root: &str) -> Self {
        Self { style: style::address(root), start: format!("{root}/") }
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

/// A time for people, and as RFC 3339.
pub(super) struct Moment {
    pub(super) date: String,
    pub(super) exact: String,
}

impl Moment {
    pub(super) fn new(at: Timestamp) -> Self {
        Self { date: at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y").to_string(), exact: time(at) }
    }
}

/// Where among the pages of a list a page is.
pub(super) struct Pages {
    pub(super) number: u64,
    pub(super) has_next: bool,
    /// What stands before the number in the addresses of the others.
    pub(super) before: String,
}

impl Pages {
    /// Returns where a page is, or nothing if it is the only one.
    pub(super) fn of(wanted: PageRequest, has_next: bool, before: String) -> Option<Self> {
        let number = wanted.page;
        (number > 1 || has_next).then_some(Self { number, has_next, before })
    }
}

/// Returns the page of a list that a request asks for.
pub(super) fn numbered(page: Option<i64>) -> PageRequest {
    PageRequest::new(page, None).unwrap_or_default()
}
