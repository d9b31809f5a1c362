//! docs/contract.md, "Releases": links that are created with a release.

use serde_json::json;

use crate::harness::Api;

#[test]
fn a_release_with_a_link_that_does_not_hold_leaves_nothing_behind() {
    let api = Api::public();
    let good = json!({ "name": "a", "url": "http://a" });
    for bad in [
        json!({ "name": "b", "url": "b" }),
        json!({ "name": "", "url": "http://b" }),
        good.clone(),
        json!({ "name": "b" }),
    ] {
        let release = json!({ "tag_name": "v2", "assets": { "links": [good, bad] } });
        api.developer().post(api.releases()).json(release).send().status(400);
        api.guest().get(api.links_of("v2")).send().is(404, r#"{"message":"404 Not found"}"#);
    }
    let release = json!({ "tag_name": "v2", "assets": { "links": [good] } });
    api.developer().post(api.releases()).json(release).send().status(201);
    assert_eq!(api.guest().get(api.links_of("v2")).send().header("x-total"), Some("1"));
}

#[test]
fn a_release_needs_no_git_behind_it() {
    let api = Api::public();
    let branch =
        api.developer().post(api.releases()).json(json!({ "tag_name": "v2", "ref": "main" })).send().status(201).json();
    assert_eq!(branch["assets"]["sources"], json!([]));
    assert_eq!((branch.get("commit"), branch.get("commit_path")), (None, None));
    let sha = "2695effb5807a22ff3d138d593fd856244e155e7";
    let commit =
        api.developer().post(api.releases()).json(json!({ "tag_name": "v3", "ref": sha })).send().status(201).json();
    assert_eq!(commit["commit"]["id"], sha);
    assert!(commit["commit_path"].as_str().is_some_and(|path| path.ends_with(sha)), "{commit}");
}
