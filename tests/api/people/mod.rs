//! docs/contract.md, "Provisioning": users, members, protected tags, and what tools request in addition.

mod members;
mod protected_tags;
mod tools;
mod users;

use serde_json::{Value, json};

use crate::harness::{Api, Caller};

const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;
const NO_GROUP: &str = r#"{"message":"404 Group Not Found"}"#;
const NO_USER: &str = r#"{"message":"404 User Not Found"}"#;
const INSUFFICIENT: &str = concat!(
    r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than "#,
    r#"provided by the access token.","scope":"api"}"#
);

/// The id of the user behind a token.
#[track_caller]
fn id_of(caller: &Caller) -> u64 {
    caller.get("/api/v4/user").send().status(200).id()
}

/// The group that the project stands in.
#[track_caller]
fn group_of(api: &Api) -> u64 {
    let project = api.admin().get(format!("/api/v4/projects/{}", api.project)).send().status(200).json();
    project["namespace"]["id"].as_u64().unwrap()
}

/// The objects of a list reduced to one of their keys.
fn each(list: &Value, key: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|object| object[key].clone()).collect()
}

/// A word that no other test uses.
fn unique(api: &Api, word: &str) -> String {
    format!("{word}-{}", api.project)
}

#[track_caller]
fn new_user(api: &Api, username: &str) -> u64 {
    let draft = json!({ "username": username, "name": username, "email": format!("{username}@example.com") });
    api.admin().post("/api/v4/users").json(draft).send().status(201).id()
}
