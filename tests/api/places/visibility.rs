//! Visibility: never more than the group above, never less than what a group holds.

use serde_json::json;

use super::{FORBIDDEN, TAKEN, group, make_group, make_project, project, username};
use crate::harness::{Api, Response};

#[track_caller]
fn is_refused(answer: &Response, sentence: &str) {
    answer.is(400, &json!({ "message": { "visibility_level": [sentence] } }).to_string());
}

#[test]
fn nothing_is_made_more_visible_than_the_group_above() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let top = make_group(&owner, &(username(&owner) + "-top"), None, "private");
    let in_private = "public is not allowed in a private group.";
    let draft = json!({ "path": "p", "namespace_id": top, "visibility": "public" });
    is_refused(&owner.post("/api/v4/projects").json(&draft).send(), in_private);
    let form = format!("path=p&namespace_id={top}&visibility=internal");
    is_refused(&owner.post("/api/v4/projects").form(form).send(), "internal is not allowed in a private group.");
    let below = json!({ "name": "g", "path": "g", "parent_id": top, "visibility": "public" });
    let parent = "public is not allowed since the parent group has a private visibility.";
    is_refused(&owner.post("/api/v4/groups").json(&below).send(), parent);
    api.stranger().post("/api/v4/groups").json(&below).send().status(404);

    let made = make_project(&owner, "p", Some(top), "private");
    // Visibility is checked before the path.
    is_refused(&owner.post("/api/v4/projects").json(&draft).send(), in_private);
    is_refused(&owner.put(project(made)).json(json!({ "visibility": "public" })).send(), in_private);
    let below = make_group(&owner, "below", Some(top), "private");
    is_refused(&owner.put(group(below)).form("visibility=public").send(), parent);
    let open = make_project(&owner, "open", None, "public");
    let transfer = |target: u64| owner.put(project(open) + "/transfer").json(json!({ "namespace": target })).send();
    is_refused(&transfer(below), in_private);
    let path = owner.get(project(open)).send().status(200).json()["path_with_namespace"].clone();
    assert_eq!(path, json!(username(&owner) + "/open"));
    owner.put(project(open)).form("visibility=private").send().status(200);
    transfer(below).status(200);
}

#[test]
fn a_group_is_not_made_less_visible_than_what_it_holds() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let top = make_group(&owner, &(username(&owner) + "-top"), None, "public");
    let below = make_group(&owner, "below", Some(top), "internal");
    let made = make_project(&owner, "p", Some(below), "internal");
    let hide = |id: u64| owner.put(group(id)).json(json!({ "visibility": "private", "name": "hidden" })).send();
    is_refused(&hide(top), "private is not allowed since there are sub-groups with higher visibility.");
    is_refused(&hide(below), "private is not allowed since this group contains projects with higher visibility.");
    api.stranger().put(group(below)).form("visibility=private").send().is(403, FORBIDDEN);
    assert_eq!(owner.get(group(below)).send().json()["name"], "below");
    owner.put(project(made)).form("visibility=private").send().status(200);
    hide(below).status(200);
    hide(top).status(200);
}

#[test]
fn groups_and_projects_are_private_by_default() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let path = username(&owner) + "-top";
    let made = owner.post("/api/v4/groups").json(json!({ "name": path, "path": path })).send().status(201).json();
    assert_eq!(made["visibility"], "private");
    let draft = json!({ "path": "p", "namespace_id": made["id"] });
    assert_eq!(owner.post("/api/v4/projects").json(&draft).send().status(201).json()["visibility"], "private");
    owner.post("/api/v4/projects").json(&draft).send().is(400, TAKEN);
}
