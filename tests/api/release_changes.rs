//! docs/contract.md, "Releases": changing and deleting a release.

use serde_json::{Value, json};

use crate::harness::Api;

const MISSING: &str = r#"{"message":"404 Not Found"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;

fn release(api: &Api, tag: &str) -> String {
    format!("{}/{tag}", api.releases())
}

#[track_caller]
fn changed(api: &Api, changes: &Value) -> Value {
    api.developer().put(release(api, "v1.7.0")).json(changes).send().status(200).json()
}

/// The release, as changed by these values.
fn with(mut release: Value, values: &Value) -> Value {
    for (key, value) in values.as_object().unwrap() {
        release[key] = value.clone();
    }
    release
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let api = Api::public();
    api.add("a", "http://a");
    let start = api.guest().get(release(&api, "v1.7.0")).send().status(200).json();
    for (changes, shown) in [
        (json!({ "name": "Seven" }), json!({ "name": "Seven" })),
        (json!({ "description": "text" }), json!({ "name": "Seven", "description": "text" })),
        (json!({ "name": null }), json!({ "name": "v1.7.0", "description": "text" })),
        (
            json!({ "name": "x", "released_at": "2034-01-02", "description": null }),
            json!({ "name": "x", "released_at": "2034-01-02T00:00:00.000Z", "upcoming_release": true }),
        ),
        (
            json!({ "name": null, "description": "", "released_at": null }),
            json!({ "description": "", "released_at": "2034-01-02T00:00:00.000Z", "upcoming_release": true }),
        ),
        (
            json!({ "released_at": "2021-01-02T03:04:05+01:00", "description": null, "tag_name": "other" }),
            json!({ "released_at": "2021-01-02T02:04:05.000Z" }),
        ),
    ] {
        let expected = with(start.clone(), &shown);
        assert_eq!(changed(&api, &changes), expected, "{changes}");
        assert_eq!(api.guest().get(release(&api, "v1.7.0")).send().status(200).json(), expected, "{changes}");
    }
}

#[test]
fn an_update_without_a_known_key_is_400() {
    let api = Api::public();
    let put = |body: &str| api.developer().put(release(&api, "v1.7.0")).json(body).send();
    for body in ["{}", r#"{"unknown":1}"#, r#"{"tag_name":"v1.7.0"}"#, "[]", ""] {
        put(body).is(400, r#"{"message":"params is empty"}"#);
    }
    for body in [r#"{"name":null}"#, r#"{"description":null}"#, r#"{"released_at":null}"#, r#"{"milestones":[]}"#] {
        put(body).status(200);
    }
}

#[test]
fn an_update_with_a_fault_changes_nothing() {
    let api = Api::public();
    let before = api.guest().get(release(&api, "v1.7.0")).send().status(200).json();
    let put = |changes: Value| api.developer().put(release(&api, "v1.7.0")).json(changes).send();
    put(json!({ "name": "x", "released_at": "tomorrow" })).is_error("released_at is invalid");
    put(json!({ "name": {}, "description": [], "released_at": [], "milestones": {} }))
        .is_error("name is invalid, description is invalid, released_at is invalid, milestones is invalid");
    let none_found = r#"{"message":"Milestone(s) not found: a, b"}"#;
    put(json!({ "name": "x", "milestones": ["a", "b"] })).is(400, none_found);
    assert_eq!(api.guest().get(release(&api, "v1.7.0")).send().status(200).json(), before);
}

#[test]
fn a_missing_release_is_told_to_readers_as_404_and_to_writers_only_if_they_may_write() {
    let api = Api::public();
    let put = |caller: crate::harness::Caller, tag| caller.put(release(&api, tag)).json(r#"{"name":"x"}"#).send();
    for tag in ["v9", "HEAD", "V1.7.0"] {
        for caller in [api.anonymous(), api.guest(), api.developer()] {
            caller.get(release(&api, tag)).send().is(404, MISSING);
        }
        for caller in [api.anonymous(), api.stranger(), api.guest(), api.reporter()] {
            put(caller.clone(), tag).is(403, FORBIDDEN);
            caller.delete(release(&api, tag)).send().is(403, FORBIDDEN);
        }
        for caller in [api.developer(), api.owner(), api.admin()] {
            put(caller.clone(), tag).is(404, MISSING);
            caller.delete(release(&api, tag)).send().is(404, MISSING);
        }
    }
    let hidden = Api::private();
    for caller in [hidden.anonymous(), hidden.stranger()] {
        for tag in ["v9", "v1.7.0"] {
            caller.delete(release(&hidden, tag)).send().is(404, r#"{"message":"404 Project Not Found"}"#);
        }
    }
}

#[test]
fn an_update_is_refused_in_the_order_of_the_contract() {
    let api = Api::public();
    let put = |caller: crate::harness::Caller, tag, body: &str| caller.put(release(&api, tag)).json(body).send();
    put(api.newcomer(30, "read_api"), "v1.7.0", r#"{"name":[]}"#).status(403);
    put(api.guest(), "v1.7.0", r#"{"name":[]}"#).is_error("name is invalid");
    put(api.developer(), "v9", r#"{"name":[]}"#).is_error("name is invalid");
    put(api.guest(), "v1.7.0", "{}").is(403, FORBIDDEN);
    put(api.developer(), "v9", "{}").is(404, MISSING);
}

#[test]
fn a_deleted_release_is_answered_and_takes_its_links_but_not_its_tag() {
    let api = Api::public();
    let link = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201).id();
    let target = release(&api, "v1.7.0");
    let before = api.guest().get(&target).send().status(200).json();
    for caller in [api.anonymous(), api.reporter()] {
        caller.delete(&target).send().is(403, FORBIDDEN);
    }
    assert_eq!(api.developer().delete(&target).json("{}").send().status(200).json(), before);
    api.guest().get(&target).send().is(404, MISSING);
    api.guest().get(api.link(link)).send().status(404);
    api.guest().get(format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path)).send().status(404);
    let tag = api.guest().get(format!("{}/v1.7.0", api.tags())).send().status(200).json();
    assert_eq!(tag["release"], Value::Null);

    api.release("v1.7.0");
    let again = api.add("a", "http://a");
    assert!(again > link, "an id is never given out twice");
}

#[test]
fn a_tag_with_a_slash_is_one_encoded_segment() {
    let api = Api::public();
    api.release("rel/2+0 x");
    let target = release(&api, "rel%2F2+0%20x");
    assert_eq!(api.developer().put(&target).form("name=Two").send().status(200).json()["name"], "Two");
    api.developer().delete(release(&api, "rel/2+0%20x")).send().is(404, r#"{"error":"404 Not Found"}"#);
    api.developer().delete(&target).send().status(200);
}
