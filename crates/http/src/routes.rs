//! The list of all routes.

use std::collections::BTreeMap;
use std::future::{Future, ready};

use actix_web::http::Method;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Route, guard};
use release_links_usecases::Refusal;

use crate::error::ApiError;
use crate::fields::Fields;
use crate::incoming::{Incoming, Received, is_read};
use crate::moved::redirect_to_new_path;
use crate::reply::Reply;
use crate::{
    empty_lists, groups, health, links, members, permanent, projects, protected_tags, releases, tags, tokens, users,
    version,
};

/// The pattern of a route below a project's releases on the web, where a project has no id, and its full path contains
/// a slash.
///
/// No segment of that path begins with a dash, so it ends at the first `/-/`, although an asset's path may contain
/// another.
macro_rules! web {
    ($rest:literal) => {
        concat!("/{id:[^/-][^/]*(?:/[^/-][^/]*)+}/-/releases/", $rest)
    };
}

/// One method of one path.
struct Endpoint {
    method: Method,
    path: &'static str,
    route: Route,
}

/// Returns every endpoint. The router tries one path after another, so the busiest come first.
fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/api/v4/projects/{id}/releases/{tag_name}/assets/links/{link_id}", links::get),
        put("/api/v4/projects/{id}/releases/{tag_name}/assets/links/{link_id}", links::update),
        delete("/api/v4/projects/{id}/releases/{tag_name}/assets/links/{link_id}", links::delete),
        get("/api/v4/projects/{id}/releases/{tag_name}/assets/links{format:(?:\\.json)?}", links::list),
        post("/api/v4/projects/{id}/releases/{tag_name}/assets/links{format:(?:\\.json)?}", links::create),
        // Before those on the web, because their paths may contain `/-/releases/` as well.
        get("/api/v4/projects/{id}/releases/{tag_name}/downloads/{path:.*}", permanent::download),
        get("/api/v4/projects/{id}/releases/permalink/latest/downloads/{path:.*}", permanent::newest_download),
        get("/api/v4/projects/{id}/releases/permalink/latest{path:(?:/.*)?}", permanent::newest),
        get(web!("{tag_name}/downloads/{path:.*}"), permanent::download),
        get(web!("permalink/latest/downloads/{path:.*}"), permanent::newest_download),
        get(web!("permalink/latest{path:(?:/.*)?}"), permanent::newest),
        get("/api/v4/projects/{id}/releases", releases::list),
        post("/api/v4/projects/{id}/releases", releases::create),
        get("/api/v4/projects/{id}/releases/{tag_name}", releases::get),
        put("/api/v4/projects/{id}/releases/{tag_name}", releases::update),
        delete("/api/v4/projects/{id}/releases/{tag_name}", releases::delete),
        get(web!("{tag_name}"), releases::get),
        get("/api/v4/projects/{id}/repository/tags", tags::list),
        get("/api/v4/projects/{id}/repository/tags/{tag_name}", tags::get),
        delete("/api/v4/projects/{id}/repository/tags/{tag_name}", tags::delete),
        get("/api/v4/version", version::version),
        get("/api/v4/metadata", version::metadata),
        get("/api/v4/user", users::current),
        get("/api/v4/users", users::list),
        post("/api/v4/users", users::create),
        get("/api/v4/users/{id}", users::get),
        put("/api/v4/users/{id}", users::update),
        delete("/api/v4/users/{id}", users::delete),
        post("/api/v4/users/{id}/personal_access_tokens", tokens::create_personal),
        get("/api/v4/personal_access_tokens", tokens::list_personal),
        get("/api/v4/personal_access_tokens/self", tokens::get_own),
        delete("/api/v4/personal_access_tokens/self", tokens::revoke_own),
        post("/api/v4/personal_access_tokens/self/rotate", tokens::rotate_own),
        get("/api/v4/personal_access_tokens/{token_id}", tokens::get_personal),
        delete("/api/v4/personal_access_tokens/{token_id}", tokens::revoke_personal),
        post("/api/v4/personal_access_tokens/{token_id}/rotate", tokens::rotate_personal),
        get("/api/v4/groups", groups::list),
        post("/api/v4/groups", groups::create),
        get("/api/v4/groups/{id}", groups::get),
        put("/api/v4/groups/{id}", groups::update),
        delete("/api/v4/groups/{id}", groups::delete),
        get("/api/v4/projects", projects::list),
        post("/api/v4/projects", projects::create),
        get("/api/v4/projects/{id}", projects::get),
        put("/api/v4/projects/{id}", projects::update),
        delete("/api/v4/projects/{id}", projects::delete),
        put("/api/v4/projects/{id}/transfer", projects::transfer),
        post("/api/v4/projects/{id}/archive", projects::archive),
        post("/api/v4/projects/{id}/unarchive", projects::unarchive),
        get("/api/v4/projects/{id}/access_tokens", tokens::list_of_project),
        post("/api/v4/projects/{id}/access_tokens", tokens::create_for_project),
        get("/api/v4/projects/{id}/access_tokens/{token_id}", tokens::get_of_project),
        delete("/api/v4/projects/{id}/access_tokens/{token_id}", tokens::revoke_of_project),
        post("/api/v4/projects/{id}/access_tokens/{token_id}/rotate", tokens::rotate_of_project),
        post("/api/v4/projects/{id}/job_tokens", tokens::create_for_job),
        delete("/api/v4/projects/{id}/job_tokens/{token_id}", tokens::end_job),
        get("/api/v4/projects/{id}/members", members::list),
        post("/api/v4/projects/{id}/members", members::add),
        get("/api/v4/projects/{id}/members/all", members::list_inherited),
        get("/api/v4/projects/{id}/members/all/{user_id}", members::get_inherited),
        get("/api/v4/projects/{id}/members/{user_id}", members::get),
        put("/api/v4/projects/{id}/members/{user_id}", members::set_level),
        delete("/api/v4/projects/{id}/members/{user_id}", members::remove),
        get("/api/v4/groups/{group}/members", members::list),
        post("/api/v4/groups/{group}/members", members::add),
        get("/api/v4/groups/{group}/members/all", members::list_inherited),
        get("/api/v4/groups/{group}/members/all/{user_id}", members::get_inherited),
        get("/api/v4/groups/{group}/members/{user_id}", members::get),
        put("/api/v4/groups/{group}/members/{user_id}", members::set_level),
        delete("/api/v4/groups/{group}/members/{user_id}", members::remove),
        get("/api/v4/projects/{id}/protected_tags", protected_tags::list),
        post("/api/v4/projects/{id}/protected_tags", protected_tags::create),
        get("/api/v4/projects/{id}/protected_tags/{tag_name}", protected_tags::get),
        delete("/api/v4/projects/{id}/protected_tags/{tag_name}", protected_tags::delete),
        get("/api/v4/projects/{id}/milestones", empty_lists::list),
        get("/api/v4/projects/{id}/repository/commits/{sha}/merge_requests", empty_lists::list),
        get("/-/health", health::alive),
        get("/-/liveness", health::alive),
        get("/-/readiness", health::ready),
    ]
}

/// Returns every route: its method, and the pattern of its path.
pub fn routes() -> impl Iterator<Item = (String, &'static str)> {
    endpoints().into_iter().map(|endpoint| (endpoint.method.to_string(), endpoint.path))
}

/// Adds every route, and the answers for other methods and unknown paths.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let mut paths: Vec<&'static str> = Vec::new();
    let mut by_path: BTreeMap<&'static str, Vec<Endpoint>> = BTreeMap::new();
    for endpoint in endpoints() {
        if !by_path.contains_key(endpoint.path) {
            paths.push(endpoint.path);
        }
        by_path.entry(endpoint.path).or_default().push(endpoint);
    }
    for path in paths {
        let endpoints = by_path.remove(path).unwrap_or_default();
        let allowed = allowed(endpoints.iter().map(|endpoint| &endpoint.method));
        let reads =
            Reads(self::allowed(endpoints.iter().map(|endpoint| &endpoint.method).filter(|verb| is_read(verb))));
        // A trailing slash changes nothing.
        let mut resource = web::resource(format!("{path}{{slash:/?}}")).app_data(reads);
        for endpoint in endpoints {
            resource = resource.route(endpoint.route);
        }
        config.service(
            resource.default_service(web::to(move |read: Received| refuse(read, ApiError::WrongVerb(allowed.clone())))),
        );
    }
    config.default_service(web::to(|read: Received| refuse(read, ApiError::NoRoute)));
}

/// Returns the value of the `Allow` header.
fn allowed<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let mut verbs = Vec::new();
    for method in methods {
        verbs.push(method.as_str());
        if *method == Method::GET {
            verbs.push(Method::HEAD.as_str());
        }
    }
    verbs.join(", ")
}

/// The methods of a path that only read: the only ones that the old address of a project accepts.
#[derive(Clone)]
struct Reads(String);

/// Refuses a request. Extracting `Received` has already refused a malformed one.
fn refuse(_read: Received, error: ApiError) -> impl Future<Output = Reply> {
    ready(Err(error))
}

fn get<T: 'static>(path: &'static str, handler: impl Handler<T>) -> Endpoint {
    // HEAD is allowed wherever GET is.
    let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    endpoint(Method::GET, path, route, handler)
}

fn post<T: 'static>(path: &'static str, handler: impl Handler<T>) -> Endpoint {
    endpoint(Method::POST, path, web::post(), handler)
}

fn put<T: 'static>(path: &'static str, handler: impl Handler<T>) -> Endpoint {
    endpoint(Method::PUT, path, web::put(), handler)
}

fn delete<T: 'static>(path: &'static str, handler: impl Handler<T>) -> Endpoint {
    endpoint(Method::DELETE, path, web::delete(), handler)
}

fn endpoint<T: 'static>(method: Method, path: &'static str, route: Route, handler: impl Handler<T>) -> Endpoint {
    Endpoint { method, path, route: route.to(move |received: Received| answer(received, handler)) }
}

/// A function that answers a request. If it takes no parameters, they are dropped before it runs.
trait Handler<T>: Copy + 'static {
    fn handle(self, received: Received) -> impl Future<Output = Reply>;
}

impl<H, F> Handler<(Incoming,)> for H
where
    H: Fn(Incoming) -> F + Copy + 'static,
    F: Future<Output = Reply>,
{
    fn handle(self, received: Received) -> impl Future<Output = Reply> {
        self(received.incoming)
    }
}

impl<H, F> Handler<(Incoming, Fields)> for H
where
    H: Fn(Incoming, Fields) -> F + Copy + 'static,
    F: Future<Output = Reply>,
{
    fn handle(self, received: Received) -> impl Future<Output = Reply> {
        self(received.incoming, Fields::of(received.params))
    }
}

/// Runs a handler. If the project has moved, a read is redirected, and a write is told which methods are allowed.
async fn answer<T>(received: Received, handler: impl Handler<T>) -> Reply {
    let request = received.incoming.request.clone();
    let service = Data::clone(&received.incoming.service);
    match handler.handle(received).await {
        Err(ApiError::Refused(Refusal::Moved { id, full_path })) if is_read(request.method()) => {
            Ok(redirect_to_new_path(&request, &service.external, id, &full_path))
        }
        Err(ApiError::Refused(Refusal::Moved { .. })) => {
            Err(ApiError::Moved(request.app_data::<Reads>().map(|reads| reads.0.clone()).unwrap_or_default()))
        }
        reply => reply,
    }
}
