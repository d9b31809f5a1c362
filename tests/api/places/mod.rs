//! docs/contract.md, "Provisioning": groups and projects, what describes them, who may change them, and which paths are free.

mod described;
mod groups;
mod projects;
mod transfer;
mod visibility;
mod within;

use serde_json::{Value, json};

use crate::harness::{Api, Caller};

const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const NO_GROUP: &str = r#"{"message":"404 Group Not Found"}"#;
const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;
const NO_NAMESPACE: &str = r#"{"message":"404 Namespace Not Found"}"#;
const TAKEN: &str = r#"{"message":{"path":["has already been taken"]}}"#;
const ACCEPTED: &str = r#"{"message":"202 Accepted"}"#;
const INSUFFICIENT_SCOPE: &str = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}"#;

/// The name of the group that the project stands in: no other test has it.
fn group_of(api: &Api) -> String {
    api.path.split('/').next().unwrap().to_owned()
}

#[track_caller]
fn make_group(caller: &Caller, path: &str, parent: Option<u64>, visibility: &str) -> u64 {
    let draft = json!({ "name": path, "path": path, "parent_id": parent, "visibility": visibility });
    caller.post("/api/v4/groups").json(draft).send().status(201).id()
}

#[track_caller]
fn make_project(caller: &Caller, path: &str, namespace: Option<u64>, visibility: &str) -> u64 {
    let draft = json!({ "path": path, "namespace_id": namespace, "visibility": visibility });
    caller.post("/api/v4/projects").json(draft).send().status(201).id()
}

fn group(id: u64) -> String {
    format!("/api/v4/groups/{id}")
}

fn project(id: u64) -> String {
    format!("/api/v4/projects/{id}")
}

#[track_caller]
fn username(caller: &Caller) -> String {
    caller.get("/api/v4/user").send().status(200).json()["username"].as_str().unwrap().to_owned()
}

/// One field of every object that a list holds.
#[track_caller]
fn column(caller: &Caller, target: &str, field: &str) -> Vec<Value> {
    let list = caller.get(target).send().status(200).json();
    list.as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}

#[test]
fn users_groups_and_projects_share_their_paths_in_any_case() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let name = username(&owner);
    let top = make_group(&owner, &format!("{name}-top"), None, "private");
    make_group(&owner, "Sub", Some(top), "private");
    let first = make_project(&owner, "Hello", Some(top), "private");
    let other = make_group(&owner, &format!("{name}-other"), None, "private");
    let second = make_project(&owner, "second", Some(top), "private");
    let group_draft = |path: &str, parent: Option<u64>| json!({ "name": "x", "path": path, "parent_id": parent });
    for (path, parent) in [
        (name.to_uppercase(), None),
        (format!("{name}-TOP"), None),
        ("sub".into(), Some(top)),
        ("HELLO".into(), Some(top)),
    ] {
        owner.post("/api/v4/groups").json(group_draft(&path, parent)).send().is(400, TAKEN);
    }
    for path in ["SUB", "hello"] {
        let draft = json!({ "name": path, "namespace_id": top });
        owner.post("/api/v4/projects").json(draft).send().is(400, TAKEN);
        owner.put(project(second)).json(json!({ "path": path })).send().is(400, TAKEN);
    }
    for path in [&name, &format!("{name}-Top")] {
        owner.put(group(other)).json(json!({ "path": path.to_uppercase() })).send().is(400, TAKEN);
    }
    let user = json!({ "username": format!("{name}-TOP"), "name": "x", "email": format!("{name}-x@example.com") });
    let taken = r#"{"message":"Username has already been taken"}"#;
    api.admin().post("/api/v4/users").json(user).send().is(409, taken);
    let renamed = owner.put(project(first)).json(json!({ "path": "HELLO" })).send().status(200).json();
    assert_eq!(renamed["path_with_namespace"], json!(format!("{name}-top/HELLO")));
}
