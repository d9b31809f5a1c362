//! docs/contract.md, "Provisioning": personal access tokens, project tokens with their bots, and job tokens.

mod job;
mod personal;
mod project;

use serde_json::{Value, json};

use crate::harness::{Api, Caller, Request, Response};

const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const ABSENT: &str = r#"{"message":"404 Not Found"}"#;
const HIDDEN: &str = r#"{"message":"404 Project Not Found"}"#;
const NO_SCOPE: &str = r#""error":"insufficient_scope""#;
const INSUFFICIENT: &str = concat!(
    r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than "#,
    r#"provided by the access token.","scope":"api"}"#
);
const EXPIRED: &str = concat!(
    r#"{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization "#,
    r#"or token refresh."}"#
);
const REVOKED: &str = concat!(
    r#"{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the "#,
    r#"user."}"#
);
const PERSONAL: &str = "/api/v4/personal_access_tokens";

/// A request by whoever bears that token.
fn bearing(api: &Api, token: &str, method: &str, target: &str) -> Request {
    api.anonymous().request(method, target).header("PRIVATE-TOKEN", token)
}

/// The token that an answer shows.
#[track_caller]
fn shown(made: &Response) -> String {
    made.json()["token"].as_str().unwrap_or_else(|| panic!("no token in {made:?}")).to_owned()
}

fn own(caller: &Caller) -> Value {
    caller.get(format!("{PERSONAL}/self")).send().status(200).json()
}

fn project_tokens(api: &Api) -> String {
    format!("/api/v4/projects/{}/access_tokens", api.project)
}

fn job_tokens(api: &Api) -> String {
    format!("/api/v4/projects/{}/job_tokens", api.project)
}

fn draft() -> Value {
    json!({ "name": "bot", "scopes": ["api"], "access_level": 30 })
}

/// A token of the project, with its id.
#[track_caller]
fn project_token(api: &Api) -> (u64, String) {
    let made = api.maintainer().post(project_tokens(api)).json(draft()).send().status(201);
    (made.id(), shown(&made))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The names of a JSON object's keys, in the order of the answer.
fn keys_in_order(text: &str, expected: &[&str]) {
    let mut rest = text;
    for key in expected {
        let quoted = format!("\"{key}\":");
        let at = rest.find(&quoted).unwrap_or_else(|| panic!("no {key} in its place in {text}"));
        rest = &rest[at + quoted.len()..];
    }
}
