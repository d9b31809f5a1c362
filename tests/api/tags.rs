//! docs/contract.md, "Releases": the tags of releases.

use serde_json::{Value, json};

use crate::harness::{Api, encoded};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;

fn tag(api: &Api, name: &str) -> String {
    format!("{}/{}", api.tags(), encoded(name))
}

#[track_caller]
fn release(api: &Api, draft: &Value) {
    api.developer().post(api.releases()).json(draft).send().status(201);
}

#[track_caller]
fn listed(api: &Api, query: &str) -> Vec<String> {
    let list = api.guest().get(format!("{}{query}", api.tags())).send().status(200).json();
    list.as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_tag_shows_what_it_was_made_with_and_its_release() {
    let api = Api::public();
    let made_at = |tag: &str| {
        let release = format!("{}/{}", api.releases(), encoded(tag));
        api.guest().get(release).send().status(200).json()["created_at"].clone()
    };
    release(&api, &json!({ "tag_name": "v2/x", "tag_message": "signed", "ref": SHA, "description": "text" }));
    let at = made_at("v2/x");
    let expected = json!({
        "name": "v2/x", "message": "signed", "target": SHA,
        "commit": {
            "id": SHA, "short_id": "01234567", "title": "signed", "message": "signed",
            "created_at": at, "authored_date": at, "committed_date": at, "parent_ids": [],
        },
        "release": { "tag_name": "v2/x", "description": "text" }, "protected": false, "created_at": at,
    });
    assert_eq!(api.guest().get(tag(&api, "v2/x")).send().status(200).json(), expected);
    assert_eq!(api.guest().get(api.tags()).send().status(200).json()[0], expected);

    release(&api, &json!({ "tag_name": "v3", "ref": "main" }));
    let at = made_at("v3");
    let expected = json!({
        "name": "v3", "message": null, "target": "main",
        "commit": {
            "id": "", "short_id": "", "title": "", "message": "",
            "created_at": at, "authored_date": at, "committed_date": at, "parent_ids": [],
        },
        "release": { "tag_name": "v3", "description": null }, "protected": false, "created_at": at,
    });
    assert_eq!(api.guest().get(tag(&api, "v3")).send().status(200).json(), expected);
}

#[test]
fn a_tag_lives_from_its_first_release_until_its_deletion() {
    let api = Api::public();
    let in_use = r#"{"message":"Tag is used by a release"}"#;
    let missing = r#"{"message":"404 Tag Not Found"}"#;
    api.guest().get(tag(&api, "v2")).send().is(404, missing);
    release(&api, &json!({ "tag_name": "v2", "tag_message": "first", "ref": "main", "description": "text" }));
    api.developer().delete(tag(&api, "v2")).send().is(409, in_use);
    api.developer().delete(format!("{}/v2", api.releases())).send().status(200);
    let left = api.guest().get(tag(&api, "v2")).send().status(200).json();
    let first = left["created_at"].clone();
    assert_eq!((&left["message"], &left["target"], &left["release"]), (&json!("first"), &json!("main"), &Value::Null));

    release(&api, &json!({ "tag_name": "v2", "tag_message": "second", "ref": SHA }));
    let kept = api.guest().get(tag(&api, "v2")).send().status(200).json();
    assert_eq!((&kept["message"], &kept["target"], &kept["created_at"]), (&json!("first"), &json!("main"), &first));
    api.developer().delete(format!("{}/v2", api.releases())).send().status(200);
    let gone = api.developer().delete(tag(&api, "v2")).send().status(204);
    assert_eq!((gone.text.as_str(), gone.header("content-type")), ("", None));
    api.guest().get(tag(&api, "v2")).send().is(404, missing);
    api.developer().delete(tag(&api, "v2")).send().is(404, missing);

    release(&api, &json!({ "tag_name": "v2", "tag_message": "third", "ref": SHA }));
    assert_eq!(api.guest().get(tag(&api, "v2")).send().status(200).json()["message"], "third");
}

#[test]
fn tags_come_in_pages_and_are_searched_by_name() {
    let api = Api::public();
    for name in ["v1.8.0", "rc/v2", "V2-rc"] {
        api.release(name);
    }
    assert_eq!(listed(&api, ""), ["V2-rc", "rc/v2", "v1.8.0", "v1.7.0"]);
    assert_eq!(listed(&api, "?per_page=3&page=2"), ["v1.7.0"]);
    for (search, expected) in [
        ("v2", &["V2-rc", "rc/v2"][..]),
        ("%5Ev", &["V2-rc", "v1.8.0", "v1.7.0"]),
        ("rc%24", &["V2-rc"]),
        ("", &["V2-rc", "rc/v2", "v1.8.0", "v1.7.0"]),
        ("no%20such", &[]),
    ] {
        assert_eq!(listed(&api, &format!("?search={search}")), expected, "{search}");
    }
    let page = api.guest().get(format!("{}?search=v&per_page=1", api.tags())).send().status(200);
    assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("4"), Some("2")));
    let next = format!("<https://gitlab.example.com{}?search=v&page=2&per_page=1>; rel=\"next\"", api.tags());
    assert!(page.header("link").unwrap().starts_with(&next));
    api.guest().get(format!("{}?per_page=0", api.tags())).send().is_error("per_page has a value not allowed");
}

#[test]
fn tags_are_sorted_by_time_by_name_or_by_version() {
    let api = Api::public();
    for name in ["b", "C", "a"] {
        api.release(name);
    }
    for (query, expected) in [
        ("?order_by=updated", ["a", "C", "b", "v1.7.0"]),
        ("?sort=asc", ["v1.7.0", "b", "C", "a"]),
        ("?order_by=name", ["v1.7.0", "b", "a", "C"]),
        ("?order_by=name&sort=asc", ["C", "a", "b", "v1.7.0"]),
        ("?order_by=name&sort=desc", ["v1.7.0", "b", "a", "C"]),
        ("?order_by=version", ["v1.7.0", "C", "a", "b"]),
    ] {
        assert_eq!(listed(&api, query), expected, "{query}");
    }
    api.release("v1.10.0");
    api.release("v1.9.1");
    assert_eq!(listed(&api, "?order_by=version&per_page=1"), ["v1.10.0"]);
    let refused = |query: &str, why: &str| {
        api.guest().get(format!("{}{query}", api.tags())).send().is_error(why);
    };
    for word in ["", "Name", "id", "commit_date"] {
        refused(&format!("?order_by={word}"), "order_by does not have a valid value");
        refused(&format!("?sort={word}"), "sort does not have a valid value");
    }
    let both = "order_by does not have a valid value, sort does not have a valid value";
    refused("?sort=up&order_by=size", both);
    refused("?order_by[]=name", "order_by is invalid");
}

#[test]
fn only_who_may_write_deletes_a_tag() {
    let api = Api::public();
    api.release("v2");
    api.developer().delete(format!("{}/v2", api.releases())).send().status(200);
    for caller in [api.anonymous(), api.stranger(), api.guest(), api.reporter()] {
        for name in ["v2", "v9"] {
            caller.delete(tag(&api, name)).send().is(403, FORBIDDEN);
        }
    }
    api.newcomer(30, "read_api").delete(tag(&api, "v2")).send().status(403);
    let hidden = Api::private();
    for caller in [hidden.anonymous(), hidden.stranger()] {
        caller.delete(tag(&hidden, "v1.7.0")).send().is(404, r#"{"message":"404 Project Not Found"}"#);
    }
    api.developer().delete(tag(&api, "v2")).send().status(204);
}
