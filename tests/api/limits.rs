//! Contract sections 3, 8 and 9: how much comes in at most, and what is said of more.

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
