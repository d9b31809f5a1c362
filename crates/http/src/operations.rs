//! The list of all operations, and what answers a request: one of them, or a refusal.

use actix_web::http::ConnectionType;
use actix_web::web::{self, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use release_links_usecases::{Current, LinkShown, Refusal, ReleaseShown};

use crate::asked::Asked;
use crate::cors::preflight;
use crate::error::ApiError;
use crate::incoming::{Received, Unusual, is_read};
use crate::links::LinkFaultsBody;
use crate::moved::redirect_to_new_path;
use crate::operation::{Endpoint, Operation, Routed, Router, document};
use crate::params::{MERGE_PATCH, check_path};
use crate::reply::Reply;
use crate::{
    branches, channels, empty_lists, files, graphql, groups, health, history, links, members, newest, packages, pages,
    permanent, projects, protected_tags, releases, tags, tokens, users, version,
};

/// Returns every operation, by what it is about.
pub(crate) fn operations() -> Vec<(&'static str, Vec<Operation>)> {
    vec![
        ("Release links", links::operations()),
        ("Permanent links", permanent::operations()),
        ("Permanent links", newest::operations()),
        ("Releases", releases::operations()),
        ("Release channels", channels::operations()),
        ("Release history", history::operations()),
        ("Packages", packages::operations()),
        ("Packages", files::operations()),
        ("Uploads", files::uploads()),
        ("Pages", pages::operations()),
        ("Tags", tags::operations()),
        ("Branches", branches::operations()),
        ("Protected tags", protected_tags::operations()),
        ("Projects", projects::operations()),
        ("Groups", groups::operations()),
        ("Members", members::operations()),
        ("Users", users::operations()),
        ("Tokens", tokens::operations()),
        ("Empty lists", empty_lists::operations()),
        ("Server", version::operations()),
        ("Server", graphql::operations()),
        ("Server", crate::openapi::operations()),
        ("Health", health::operations()),
    ]
}

/// Returns every operation.
pub(crate) fn all() -> impl Iterator<Item = Operation> {
    operations().into_iter().flat_map(|(_, operations)| operations)
}

/// Returns every operation of the API.
pub fn endpoints() -> impl Iterator<Item = Endpoint> {
    all().map(|operation| operation.endpoint())
}

/// Builds the OpenAPI document of the API, as text. The server shows the committed one, which a test holds to this.
///
/// # Errors
/// Returns an error if the document has no JSON form.
pub fn openapi() -> Result<String, serde_json::Error> {
    document(&operations()).to_pretty_json().map(|json| json + "\n")
}

/// Answers a request.
pub(crate) async fn answer(request: HttpRequest, payload: web::Payload) -> Reply {
    let router = router(&request)?;
    let path = check_path(request.uri().path());
    let found = if path.is_ok() { router.find(request.method(), request.uri().path()) } else { Routed::Unknown };
    let is_streamed = matches!(&found, Routed::Operation(found) if found.streams(request.headers()));
    let mut received = match Received::read(request.clone(), path, payload.into_inner(), is_streamed).await {
        Err(error) if is_streamed => return Ok(last_answer(error)),
        received => received?,
    };
    let found = match found {
        Routed::Operation(found) => found,
        Routed::WrongMethod(allowed) => return preflight(&request).ok_or(ApiError::WrongVerb(allowed)),
        Routed::Unknown => return preflight(&request).ok_or(ApiError::NoRoute),
    };
    if found.has_preconditions() {
        received.incoming.read_preconditions()?;
    }
    match received.unusual.take() {
        Some(Unusual::Unsupported(_)) if found.ignores_content_type() => {}
        Some(Unusual::Unsupported(content_type)) => return Err(ApiError::UnsupportedMediaType(content_type)),
        Some(Unusual::MergePatch { .. }) if !found.accepts_merge_patch() => {
            return Err(ApiError::UnsupportedMediaType(MERGE_PATCH.to_owned()));
        }
        Some(Unusual::MergePatch { is_object: false }) => return Err(ApiError::PatchIsNoObject),
        Some(Unusual::MergePatch { is_object: true }) | None => {}
    }
    request.extensions_mut().insert(Asked { operation: found.id.clone(), by: None });
    let resource = found.resource;
    let service = Data::clone(&received.incoming.service);
    let form = pages::Form::of(found.page(), &request, service.external.path());
    let reply = match found.answer(received).await {
        // If the project has moved, a read is redirected, and a write is told which methods are allowed.
        Err(ApiError::Refused(Refusal::Moved { id, full_path })) if is_read(request.method()) => {
            Ok(redirect_to_new_path(&request, &service.external, id, &full_path))
        }
        Err(ApiError::Refused(Refusal::Moved { .. })) => Err(ApiError::Moved(resource.reads())),
        Err(ApiError::Refused(Refusal::InvalidLink(invalid))) => {
            let body = LinkFaultsBody::new(&invalid, &service.external);
            Err(ApiError::InvalidLink(serde_json::to_string(&body)?))
        }
        Err(ApiError::Refused(Refusal::PreconditionFailed(current))) => {
            Err(ApiError::PreconditionFailed(match *current {
                Current::Links(links) => links::tag_of_all(&links)?,
                Current::Link { link, project, tag } => {
                    links::tag_of(&LinkShown { link, project, tag }, &service.external)?
                }
                Current::Release { release, project, upcoming } => {
                    releases::tag_of(&ReleaseShown { release, project, upcoming }, &service.external)?
                }
            }))
        }
        reply => reply,
    };
    match (form, reply) {
        (Some(form), reply) => pages::in_form(reply, form),
        (None, Err(error)) if is_streamed => Ok(last_answer(error)),
        (None, reply) => reply,
    }
}

/// Returns the answer to a refused upload. What is left of its body is read by nobody, so no other request can follow.
fn last_answer(error: ApiError) -> HttpResponse {
    let mut response = HttpResponse::from_error(error);
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}

fn router(request: &HttpRequest) -> Result<&Data<Router>, ApiError> {
    request.app_data().ok_or(ApiError::Unwired)
}
