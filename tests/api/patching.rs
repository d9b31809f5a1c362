//! docs/contract.md, "Link endpoints": PATCH, in every encoding and as a merge patch.

use serde_json::{Value, json};

use crate::digests::sha256;
use crate::harness::{Api, Request};

const MERGE_PATCH: &str = "application/merge-patch+json";

fn merge_patch(request: Request, document: &Value) -> Request {
    request.header("Content-Type", MERGE_PATCH).body(document.to_string())
}

impl Api {
    fn patch(&self, id: u64) -> Request {
        self.developer().request("PATCH", self.link(id))
    }
}

/// A link with a value in every field.
fn whole() -> Value {
    let (digest, path) = (sha256("a"), "/bin/a");
    json!({ "name": "a", "url": "http://a", "filepath": path, "link_type": "image", "digest": digest, "size": 1 })
}

#[test]
fn a_patch_changes_what_it_names_in_every_encoding() {
    let api = Api::public();
    let id = api.create(&whole()).status(201).id();
    let named = |answer: crate::harness::Response| answer.status(200).json()["name"].as_str().unwrap().to_owned();
    assert_eq!(named(api.patch(id).json(json!({ "name": "json" })).send()), "json");
    assert_eq!(named(merge_patch(api.patch(id), &json!({ "name": "merge" })).send()), "merge");
    assert_eq!(named(api.patch(id).form("name=form").send()), "form");
    assert_eq!(named(api.patch(id).multipart(&[("name", "multipart")]).send()), "multipart");
    let by_query = api.developer().request("PATCH", format!("{}?name=query", api.link(id)));
    assert_eq!(named(by_query.send()), "query");
    let link = api.guest().get(api.link(id)).send().json();
    let kept = ["url", "link_type", "digest", "size"].map(|key| link[key].clone());
    assert_eq!(kept, [json!("http://a"), json!("image"), json!(sha256("a")), json!(1)]);
    assert!(link["direct_asset_url"].as_str().unwrap().ends_with("/downloads/bin/a"), "{link}");
}

#[test]
fn a_patch_may_change_the_type_alone_and_null_resets_it() {
    let api = Api::public();
    let id = api.create(&whole()).status(201).id();
    let patch = |document: Value| merge_patch(api.patch(id), &document).send().status(200).json();
    assert_eq!(patch(json!({ "link_type": "package" }))["link_type"], "package");
    let cleared = patch(json!({ "link_type": null, "direct_asset_path": null, "digest": null, "size": null }));
    let plain =
        json!({ "id": id, "name": "a", "url": "http://a", "direct_asset_url": "http://a", "link_type": "other" });
    assert_eq!(cleared, plain);
    api.patch(id).json(json!({ "link_type": "" })).send().is_error("link_type does not have a valid value");
}

#[test]
fn a_patch_that_names_nothing_known_leaves_the_link_as_it_is() {
    let api = Api::public();
    let made = api.create(&whole()).status(201);
    for document in [json!({}), json!({ "nmae": "b", "id": 7 })] {
        merge_patch(api.patch(made.id()), &document).send().is(200, &made.text);
    }
    api.patch(made.id()).send().is(200, &made.text);
}

#[test]
fn a_null_or_blank_name_or_url_in_a_patch_is_refused() {
    let api = Api::public();
    let id = api.create(&whole()).status(201).id();
    let before = api.snapshot();
    merge_patch(api.patch(id), &json!({ "name": null })).send().is_invalid(&["Name can't be blank"]);
    let both = json!({ "name": " ", "url": null, "direct_asset_path": "" });
    let blank = ["Url can't be blank", "Url must be a valid URL", "Name can't be blank"];
    let sentences = [&blank[..], &["Filepath is in an invalid format"]].concat();
    merge_patch(api.patch(id), &both).send().is_invalid(&sentences);
    let other = api.add("b", "http://b");
    let taken = json!({ "url": "http://b", "link_type": "other" });
    merge_patch(api.patch(id), &taken).send().is_invalid(&["Url has already been taken"]);
    api.developer().delete(api.link(other)).send().status(200);
    assert_eq!(api.snapshot(), before);
}

#[test]
fn a_patch_with_another_url_clears_the_digest_and_the_size() {
    let api = Api::public();
    let id = api.create(&whole()).status(201).id();
    let link = merge_patch(api.patch(id), &json!({ "url": "http://b", "size": 2 })).send().status(200).json();
    assert_eq!((&link["digest"], &link["size"]), (&Value::Null, &json!(2)));
}

#[test]
fn a_merge_patch_that_is_no_object_is_refused_before_anything_else() {
    let api = Api::private();
    for document in [json!([]), json!("name"), json!(1), json!(true), Value::Null, json!([{ "name": "b" }])] {
        let request = api.anonymous().request("PATCH", api.links() + "/none").header("PRIVATE-TOKEN", "unknown");
        merge_patch(request, &document).send().is(400, r#"{"error":"the patch must be an object"}"#);
    }
    let malformed = api.anonymous().request("PATCH", api.link(1)).header("Content-Type", MERGE_PATCH).body("{");
    malformed.send().is(400, r#"{"error":"400 Bad Request"}"#);
}

#[test]
fn a_merge_patch_is_415_wherever_it_is_not_accepted() {
    let api = Api::public();
    let unsupported = format!(r#"{{"error":"The provided content-type '{MERGE_PATCH}' is not supported."}}"#);
    let link = json!({ "name": "a", "url": "http://a" });
    for document in [link, json!([])] {
        for request in
            [api.developer().post(api.links()), api.developer().put(api.link(1)), api.developer().get(api.links())]
        {
            merge_patch(request, &document).send().is(415, &unsupported);
        }
        let unknown = api.developer().request("PATCH", "/api/v4/nothing");
        merge_patch(unknown, &document).send().is(404, r#"{"error":"404 Not Found"}"#);
        let wrong = api.developer().request("PATCH", api.links());
        merge_patch(wrong, &document).send().is(405, r#"{"error":"405 Not Allowed"}"#);
    }
    assert_eq!(api.snapshot(), "[]");
}
