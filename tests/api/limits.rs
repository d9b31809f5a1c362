//! docs/contract.md, "Link rules", "Releases" and "Provisioning": how much input is accepted, and how more is refused.

use serde_json::{Value, json};

use crate::harness::Api;

/// Drafts of that many links.
fn drafts(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({ "name": n, "url": format!("http://{n}") })).collect()
}

#[test]
fn a_release_holds_a_thousand_links_at_most() {
    let api = Api::public();
    let developer = api.developer();
    let release = |links: Vec<Value>| json!({ "tag_name": "many", "assets": { "links": links } });
    let said = r#"{"message":"Validation failed: Links are too many (maximum is 1000)"}"#;
    developer.post(api.releases()).json(release(drafts(1_001))).send().is(400, said);
    developer.get(format!("{}/many", api.releases())).send().status(404);

    developer.post(api.releases()).json(release(drafts(999))).send().status(201);
    let links = api.links_of("many");
    let id = developer.post(&links).json(json!({ "name": "last", "url": "http://last" })).send().status(201).id();
    let post = |draft: Value| developer.post(&links).json(draft).send();
    let too_many = ["Links are too many (maximum is 1000)"];
    post(json!({ "name": "more", "url": "http://more" })).is_invalid(&too_many);
    post(json!({ "name": " ", "url": "file:///x", "direct_asset_path": "" })).is_invalid(&too_many);
    post(json!({ "name": "last", "url": "http://more" })).is_invalid(&["Name has already been taken"]);
    developer.put(format!("{links}/{id}")).json(json!({ "name": "changed" })).send().status(200);
    assert_eq!(developer.get(&links).send().header("x-total"), Some("1000"));
    developer.delete(format!("{links}/{id}")).send().status(200);
    post(json!({ "name": "more", "url": "http://more" })).status(201);
}

#[test]
fn texts_of_a_release_that_are_too_long_are_told_together_before_its_links() {
    let api = Api::public();
    let developer = api.developer();
    let of = |chars: usize| "x".repeat(chars);
    let draft = |name: usize, target: usize, message: usize| {
        json!({ "tag_name": "v2", "name": of(name), "ref": of(target), "tag_message": of(message),
            "assets": { "links": [{ "name": " ", "url": "http://a" }] } })
    };
    let post = |draft: Value| developer.post(api.releases()).json(draft).send();
    post(draft(256, 10_001, 10_001)).is_invalid(&[
        "Name is too long (maximum is 255 characters)",
        "Ref is too long (maximum is 10000 characters)",
        "Tag message is too long (maximum is 10000 characters)",
    ]);
    post(draft(255, 10_000, 10_000)).is(400, r#"{"message":"Validation failed: Links name can't be blank"}"#);
    let too_long = ["Description is too long (maximum is 1000000 characters)"];
    post(json!({ "tag_name": "v2", "description": of(1_000_001) })).is_invalid(&too_long);
    let mut taken = draft(256, 1, 1);
    taken["tag_name"] = json!("v1.7.0");
    post(taken).is(409, r#"{"message":"Release already exists"}"#);
    post(json!({ "tag_name": "v2", "description": of(1_000_000) })).status(201);

    let one = format!("{}/v2", api.releases());
    let put = |changes: Value| developer.put(&one).json(changes).send();
    put(json!({ "name": of(256) })).is_invalid(&["Name is too long (maximum is 255 characters)"]);
    put(json!({ "description": of(1_000_001) })).is_invalid(&too_long);
    put(json!({ "name": of(255) })).status(200);
}

#[test]
fn names_and_addresses_have_a_length_and_no_control_characters() {
    let api = Api::public();
    let (root, project) = (api.admin(), format!("/api/v4/projects/{}", api.project));
    let user = root.get("/api/v4/user").send().json()["id"].clone();
    let long = "é".repeat(256);
    let tokens = format!("/api/v4/users/{user}/personal_access_tokens");
    let own = json!({ "scopes": ["api"] });
    for (target, draft, field) in [
        ("/api/v4/users", json!({ "username": "limits", "email": "limits@example.com" }), "name"),
        ("/api/v4/users", json!({ "username": "limits", "name": "limits" }), "email"),
        ("/api/v4/groups", json!({ "path": "limits" }), "name"),
        ("/api/v4/projects", json!({ "path": "limits" }), "name"),
        (&tokens, own.clone(), "name"),
        (&format!("{project}/access_tokens"), own, "name"),
    ] {
        let suffix = if field == "email" { "@b" } else { "" };
        let with = |text: &str| {
            let mut draft = draft.clone();
            draft[field] = json!(format!("{text}{suffix}"));
            root.post(target).json(draft).send()
        };
        with(&long).is_error(&format!("{field} is too long (maximum is 255 characters)"));
        let why = if field == "email" { "is invalid" } else { "may not hold control characters" };
        with("two\u{1b}lines").is_error(&format!("{field} {why}"));
    }
    let changed = |target: &str| root.put(target).json(json!({ "name": long })).send();
    changed(&project).is_error("name is too long (maximum is 255 characters)");
    changed(&format!("/api/v4/users/{user}")).is_error("name is too long (maximum is 255 characters)");
}

#[test]
fn a_search_for_more_than_a_name_can_hold_finds_nothing_on_every_list() {
    let api = Api::private();
    let project = format!("/api/v4/projects/{}", api.project);
    api.admin()
        .post(format!("{project}/access_tokens"))
        .json(json!({ "name": "x", "scopes": ["api"] }))
        .send()
        .status(201);
    for list in [
        "/api/v4/users",
        "/api/v4/projects",
        "/api/v4/groups",
        "/api/v4/personal_access_tokens",
        &format!("{project}/access_tokens"),
        &api.tags(),
    ] {
        for letters in [256, 49_999] {
            let answer = api.admin().get(format!("{list}?search={}&page=2", "x".repeat(letters))).send();
            answer.is(200, "[]");
            assert_eq!(answer.header("x-total"), Some("0"), "{list}");
        }
    }
    let long = format!("?search={}", "x".repeat(256));
    api.developer().get(format!("{project}/access_tokens{long}")).send().status(403);
    api.stranger().get(format!("{project}/access_tokens{long}")).send().status(404);
    api.stranger().get(api.tags() + &long).send().status(404);
}

#[test]
fn a_project_protects_three_hundred_tags_at_most() {
    let api = Api::public();
    let (maintainer, rules) = (api.maintainer(), format!("/api/v4/projects/{}/protected_tags", api.project));
    let post = |name: &str| maintainer.post(&rules).json(json!({ "name": name })).send();
    for number in 0..300 {
        post(&format!("v{number}")).status(201);
    }
    post("v300").is(400, r#"{"message":"Protected tags are too many (maximum is 300)"}"#);
    post("v299").is(409, r#"{"message":"Protected tag 'v299' already exists"}"#);
    maintainer.delete(format!("{rules}/v299")).send().status(204);
    post("v300").status(201);
}
