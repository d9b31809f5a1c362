//! `POST /groups/:id/transfer`: a group moves under another one, or to the top level.

use serde_json::json;

use super::{FORBIDDEN, NO_GROUP, TAKEN, UNAUTHORIZED, group, make_group, make_project, project, username};
use crate::harness::{Api, Caller};

#[test]
fn a_group_moves_and_the_permanent_links_of_its_projects_go_on() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let [top, target] = ["top", "target"].map(|name| make_group(&owner, &format!("{base}-{name}"), None, "public"));
    let moving = make_group(&owner, "moving", Some(top), "public");
    let low = make_group(&owner, "low", Some(moving), "public");
    let made = make_project(&owner, "p", Some(low), "public");
    let link = json!({ "name": "a", "url": "https://files.example.com/a", "direct_asset_path": "/bin/a" });
    let release = json!({ "tag_name": "v1", "assets": { "links": [link] } });
    owner.post(format!("{}/releases", project(made))).json(release).send().status(201);
    let transfer =
        |caller: &Caller, body: serde_json::Value| caller.post(format!("{}/transfer", group(moving))).json(body).send();
    let moved = transfer(&owner, json!({ "group_id": target })).status(201).json();
    assert_eq!(moved["full_path"], format!("{base}-target/moving"));
    assert_eq!(owner.get(group(moving)).send().status(200).json(), moved);
    let moved = transfer(&owner, json!({})).status(201).json();
    assert_eq!((&moved["full_path"], &moved["parent_id"]), (&json!("moving"), &json!(null)));
    for path in [format!("{base}-top/moving"), format!("{base}-target/moving"), "moving".to_owned()] {
        let followed = api.anonymous().get(format!("/{path}/low/p/-/releases/v1/downloads/bin/a")).send().status(302);
        assert_eq!(followed.header("location"), Some("https://files.example.com/a"), "{path}");
    }
}

#[test]
fn a_transfer_is_refused_in_the_contracts_order() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let top = make_group(&owner, &format!("{base}-top"), None, "public");
    let moving = make_group(&owner, &format!("{base}-moving"), Some(top), "public");
    let low = make_group(&owner, "low", Some(moving), "public");
    let stranger = api.stranger();
    let [hidden, seen] = ["private", "public"]
        .map(|visibility| make_group(&stranger, &format!("{base}-{visibility}"), None, visibility));
    let transfer = |caller: &Caller, body: &str| caller.post(format!("{}/transfer", group(moving))).form(body).send();
    transfer(&api.anonymous(), "group_id=x").is(401, UNAUTHORIZED);
    transfer(&stranger, "group_id=x").is(403, FORBIDDEN);
    stranger.post("/api/v4/groups/99999999/transfer").send().is(404, NO_GROUP);
    transfer(&owner, "group_id=x").is_error("group_id is invalid");
    for absent in [hidden, 99_999_999] {
        transfer(&owner, &format!("group_id={absent}")).is(404, NO_GROUP);
    }
    transfer(&owner, &format!("group_id={seen}")).is(403, FORBIDDEN);
    for inside in [moving, low] {
        transfer(&owner, &format!("group_id={inside}")).is(400, r#"{"message":{"parent_id":["is invalid"]}}"#);
    }
    make_group(&owner, &format!("{base}-MOVING"), None, "private");
    transfer(&owner, "").is(400, TAKEN);
    let private = make_group(&owner, &format!("{base}-own"), None, "private");
    let sentence = "public is not allowed since the parent group has a private visibility.";
    let refused = json!({ "message": { "visibility_level": [sentence] } }).to_string();
    transfer(&owner, &format!("group_id={private}")).is(400, &refused);
    assert_eq!(owner.get(group(moving)).send().json()["parent_id"], json!(top));
}
