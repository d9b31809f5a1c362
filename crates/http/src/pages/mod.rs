//! Pages for people (docs/contract.md, "Pages"): HTML without scripts.

mod accept;
mod asset;
mod badge;
mod feed;
mod history;
mod layout;
mod markdown;
mod naming;
mod newest;
mod redirects;
mod refusal;
mod release;
mod releases;
mod send;
mod start;
mod style;

pub(crate) use layout::HTML;
pub(crate) use refusal::{Form, Page};

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, VARY};

use crate::error::ApiError;
use crate::operation::{self, Answer, Operation, WithoutCaller};
use crate::releases::ReleaseBody;
use crate::reply::{self, Reply};

/// Returns the operations that show pages.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get("/", "Show the public projects", start::get).ours().accepts_basic().only_page("The projects."),
        operation::get("/{id}/-/releases", "Show the releases of a project", releases::list)
            .also(&["/{id}"])
            .accepts_basic()
            .only_page("The releases."),
        operation::get(
            "/{id}.git",
            "Find the page of a project by its address as a Git repository",
            redirects::repository,
        )
        .accepts_basic()
        .has_page()
        .answers(Answer::found("The page of the project is at `Location`.")),
        operation::get("/{id}/-/tags/{tag_name}", "Find the page of a tag's release", redirects::tag)
            .accepts_basic()
            .has_page()
            .answers(Answer::found("The release is at `Location`.")),
        operation::get("/{id}/-/releases/{tag_name}", "Get a release by its address on the web", release::get)
            .accepts_basic()
            .has_page()
            .answers(Answer::ok::<ReleaseBody>("The release, with its links.")),
        operation::get(
            "/{id}/-/releases/{tag_name}/history",
            "Get the history of a release by its address on the web",
            history::get,
        )
        .ours()
        .accepts_basic()
        .has_page()
        .answers(crate::history::answer()),
        operation::get("/{id}/-/releases.atom", "Get the feed of a project's releases", feed::get)
            .accepts_basic()
            .answers(Answer::typed(feed::ATOM, "The newest releases that are out.")),
        operation::get("/{id}/-/badges/release.svg", "Get the badge of the newest release", badge::get)
            .accepts_basic()
            .answers(Answer::typed(badge::SVG, "The badge.")),
        operation::get(style::PATH, "Get the stylesheet of all pages", stylesheet)
            .ours()
            .answers(Answer::typed(style::CSS, "The stylesheet.")),
    ]
}

/// Answers with the stylesheet. Caches may keep it for good only if the request names this content: while servers of two
/// versions run, each may be asked for the other's.
async fn stylesheet(asked: WithoutCaller) -> Reply {
    let request = &asked.incoming.request;
    let is_named = request.uri().query() == Some(style::VERSION.as_str());
    let forever = (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    reply::typed(request, style::CSS, style::TEXT.to_owned(), is_named.then_some(forever).into_iter().collect())
}

/// Puts the answer of an operation with a page into the form that the request asks for.
pub(crate) fn in_form(reply: Reply, form: Form) -> Reply {
    let mut response = reply.map_err(|error| ApiError::InForm(error.into(), form))?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}
