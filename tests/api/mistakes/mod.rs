//! What has gone wrong on forges of this kind, each as a test with its name.
//!
//! Beside the matrix, which tries every state one by one, these go from one state to another, or in by a way that nobody
//! thought of.

mod elsewhere;
mod hidden;
mod lost;
mod raised;
mod told;

use serde_json::json;

use crate::harness::{Api, Caller, Response};
use crate::matrix::visible;

const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const HIDDEN: &str = r#"{"message":"404 Project Not Found"}"#;
const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const INSUFFICIENT: &str = concat!(
    r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than "#,
    r#"provided by the access token.","scope":"api"}"#
);

fn project(api: &Api) -> String {
    format!("/api/v4/projects/{}", api.project)
}

/// The id of who holds this token.
#[track_caller]
fn id_of(caller: &Caller) -> u64 {
    caller.get("/api/v4/user").send().status(200).id()
}

/// Where the project knows this user as a direct member.
#[track_caller]
fn membership(api: &Api, caller: &Caller) -> String {
    format!("{}/members/{}", project(api), id_of(caller))
}

/// A job of that user in the project: its id and its token.
#[track_caller]
fn job(api: &Api, user: u64) -> (u64, String) {
    let made = api.admin().post(project(api) + "/job_tokens").json(json!({ "user_id": user })).send().status(201);
    (made.id(), token_in(&made))
}

/// A project access token of that level: its id and itself.
#[track_caller]
fn project_token(api: &Api, level: u8) -> (u64, String) {
    let draft = json!({ "name": "t", "scopes": ["api"], "access_level": level });
    let made = api.admin().post(project(api) + "/access_tokens").json(draft).send().status(201);
    (made.id(), token_in(&made))
}

#[track_caller]
fn token_in(made: &Response) -> String {
    made.json()["token"].as_str().expect("the answer that makes a token shows it").to_owned()
}

/// Asks for a link to be added to `v1.7.0`, by a name that no other request uses.
fn write(api: &Api, caller: &Caller) -> Response {
    caller.post(api.links()).json(fresh_link()).send()
}

fn fresh_link() -> serde_json::Value {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    json!({ "name": format!("n{number}"), "url": format!("https://example.com/{number}") })
}

/// Asserts that the caller cannot tell the one target from the other, which does not exist.
#[track_caller]
fn is_like_nothing(caller: &Caller, target: &str, absent: &str) {
    for method in ["GET", "HEAD"] {
        let hidden = caller.request(method, target).send().status(404);
        assert_eq!(visible(&hidden), visible(&caller.request(method, absent).send()), "{target}");
    }
}
