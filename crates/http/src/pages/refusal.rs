//! A refusal as a page: the same for everything that is hidden or absent.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::accept::prefers_page;
use super::layout::{HTML, Layout, headers};

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    layout: Layout,
    status: u16,
    reason: &'static str,
    meaning: &'static str,
}

/// Whether, and to whom, an operation answers with a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// It does not.
    None,
    /// To clients that prefer HTML.
    IfPreferred,
    /// To every client.
    Always,
}

/// The form in which an operation with a page refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// The JSON of the API.
    Json,
    /// A page of a service whose external URL has this path.
    Page(String),
}

impl Form {
    /// Returns the form in which an operation with such pages answers a request.
    pub(crate) fn of(page: Page, request: &HttpRequest, root: &str) -> Option<Self> {
        let is_page = match page {
            Page::None => return None,
            Page::IfPreferred => prefers_page(request),
            Page::Always => true,
        };
        Some(if is_page { Self::Page(root.to_owned()) } else { Self::Json })
    }

    /// Puts a refusal, given in JSON, into this form.
    pub(crate) fn apply(&self, mut response: HttpResponse) -> HttpResponse {
        response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
        let Self::Page(root) = self else { return response };
        let status = response.status();
        let reason = status.canonical_reason().unwrap_or_default();
        let page = RefusalPage { layout: Layout::new(root), status: status.as_u16(), reason, meaning: meaning(status) };
        let text = page.render().unwrap_or_else(|_| reason.to_owned());
        for (name, value) in headers() {
            response.headers_mut().insert(name, value);
        }
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(HTML));
        response.set_body(actix_web::body::BoxBody::new(text))
    }
}

fn meaning(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The address, or a value in it, is not valid.",
        StatusCode::UNAUTHORIZED => "The token is not valid, or no longer.",
        StatusCode::FORBIDDEN => "The token does not allow this.",
        StatusCode::NOT_FOUND => "There is no such page, or you may not see it.",
        StatusCode::SERVICE_UNAVAILABLE => "The server is busy. Please try again in a moment.",
        _ => "The request was not answered.",
    }
}
