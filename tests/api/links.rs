//! docs/contract.md, "Link endpoints": the five endpoints, their statuses and the exact bytes of their answers.

use serde_json::{Value, json};

use crate::harness::Api;

const GONE: &str = r#"{"message":"404 Not found"}"#;

/// Returns a link as every answer shows it: exactly these keys.
pub fn shown(id: &Value, name: &str, url: &str, direct_asset_url: &str, link_type: &str) -> Value {
    json!({ "id": id, "name": name, "url": url, "direct_asset_url": direct_asset_url, "link_type": link_type })
}

#[test]
fn create_answers_201_with_the_five_keys_in_order() {
    let api = Api::public();
    let answer = api
        .developer()
        .post(api.links())
        .json(json!({
            "name": "hellodarwin-amd64",
            "url": "https://gitlab.example.com/mynamespace/hello/-/jobs/688/artifacts/raw/bin/hello-darwin-amd64",
            "direct_asset_path": "/bin/hellodarwin-amd64",
            "link_type": "package",
        }))
        .send();
    let expected = format!(
        concat!(
            r#"{{"id":{},"name":"hellodarwin-amd64","#,
            r#""url":"https://gitlab.example.com/mynamespace/hello/-/jobs/688/artifacts/raw/bin/hello-darwin-amd64","#,
            r#""direct_asset_url":"https://gitlab.example.com/{}/-/releases/v1.7.0/downloads/bin/hellodarwin-amd64","#,
            r#""link_type":"package"}}"#
        ),
        answer.id(),
        api.path
    );
    answer.is(201, &expected);
}

#[test]
fn a_link_without_a_path_has_its_url_as_direct_asset_url() {
    let api = Api::public();
    let answer = api.create(&json!({ "name": "a", "url": "http://a.example/%zz ü" }));
    let id = answer.id();
    let expected = format!(
        r#"{{"id":{id},"name":"a","url":"http://a.example/%zz ü","direct_asset_url":"http://a.example/%zz ü","link_type":"other"}}"#
    );
    answer.is(201, &expected);
}

#[test]
fn get_answers_200_with_the_bytes_that_create_answered() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a", "link_type": "image" }));
    api.guest().get(api.link(made.id())).send().is(200, &made.text);
}

#[test]
fn list_answers_200_with_the_links_newest_first() {
    let api = Api::public();
    let older = api.create(&json!({ "name": "b", "url": "http://b" })).text;
    let newer = api.create(&json!({ "name": "a", "url": "http://a" })).text;
    api.guest().get(api.links()).send().is(200, &format!("[{newer},{older}]"));
}

#[test]
fn list_of_a_release_without_links_is_an_empty_array() {
    let api = Api::public();
    api.guest().get(api.links()).send().is(200, "[]");
}

#[test]
fn update_answers_200_with_the_changed_link_under_its_old_id() {
    let api = Api::public();
    let id = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).id();
    let answer = api.developer().put(api.link(id)).json(json!({ "name": "b", "link_type": "runbook" })).send();
    let expected = format!(
        concat!(
            r#"{{"id":{},"name":"b","url":"http://a","#,
            r#""direct_asset_url":"https://gitlab.example.com/{}/-/releases/v1.7.0/downloads/bin/a","link_type":"runbook"}}"#
        ),
        id, api.path
    );
    answer.is(200, &expected);
    api.guest().get(api.link(id)).send().is(200, &expected);
}

#[test]
fn update_keeps_its_own_name_url_and_path_without_a_collision() {
    let api = Api::public();
    let draft = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a", "link_type": "image" });
    let made = api.create(&draft);
    api.developer().put(api.link(made.id())).json(draft).send().is(200, &made.text);
}

#[test]
fn update_without_a_link_type_keeps_it() {
    let api = Api::public();
    let id = api.create(&json!({ "name": "a", "url": "http://a", "link_type": "image" })).id();
    for change in [json!({ "name": "b" }), json!({ "url": "http://b", "link_type": null })] {
        let answer = api.developer().put(api.link(id)).json(change).send().status(200);
        assert_eq!(answer.json()["link_type"], "image");
    }
}

#[test]
fn update_with_a_url_alone_keeps_the_name_and_the_path() {
    let api = Api::public();
    let id = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).id();
    let answer = api.developer().put(api.link(id)).json(json!({ "url": "http://b" })).send().status(200).json();
    assert_eq!((&answer["name"], &answer["url"]), (&json!("a"), &json!("http://b")));
    assert!(answer["direct_asset_url"].as_str().unwrap().ends_with("/downloads/bin/a"), "{answer}");
}

#[test]
fn update_takes_the_deprecated_filepath_as_well() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let answer = api.developer().put(api.link(id)).json(json!({ "name": "a", "filepath": "/bin/b" })).send();
    assert!(answer.json()["direct_asset_url"].as_str().unwrap().ends_with("/downloads/bin/b"), "{answer:?}");
}

#[test]
fn delete_answers_200_with_the_deleted_link_and_then_it_is_gone() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": "http://a" }));
    let id = made.id();
    api.developer().delete(api.link(id)).send().is(200, &made.text);
    api.developer().get(api.link(id)).send().is(404, GONE);
    api.developer().put(api.link(id)).json(json!({ "name": "b" })).send().is(404, GONE);
    api.developer().delete(api.link(id)).send().is(404, GONE);
    assert_eq!(api.snapshot(), "[]");
}

#[test]
fn an_id_is_not_given_out_again_after_a_delete() {
    let api = Api::public();
    let mut last = 0;
    for _ in 0..3 {
        let id = api.add("a", "http://a");
        assert!(id > last, "{id} after {last}");
        api.developer().delete(api.link(id)).send().status(200);
        last = id;
    }
}

#[test]
fn a_deleted_links_name_url_and_path_are_free_again() {
    let api = Api::public();
    let draft = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" });
    let id = api.create(&draft).id();
    api.developer().delete(api.link(id)).send().status(200);
    api.create(&draft).status(201);
}

#[test]
fn a_link_belongs_to_its_release_alone() {
    let api = Api::public();
    api.release("v2");
    let id = api.add("a", "http://a");
    let elsewhere = format!("{}/{id}", api.links_of("v2"));
    api.developer().get(&elsewhere).send().is(404, GONE);
    api.developer().put(&elsewhere).json(json!({ "name": "b" })).send().is(404, GONE);
    api.developer().delete(&elsewhere).send().is(404, GONE);
    assert_eq!(api.guest().get(api.links_of("v2")).send().text, "[]");
    api.guest().get(api.link(id)).send().status(200);
}

#[test]
fn a_link_is_not_reached_through_another_project() {
    let (api, other) = (Api::public(), Api::public());
    let id = api.add("a", "http://a");
    other.admin().get(other.link(id)).send().is(404, GONE);
    other.admin().delete(other.link(id)).send().is(404, GONE);
    api.guest().get(api.link(id)).send().status(200);
}

#[test]
fn every_verb_on_a_release_that_does_not_exist_is_404() {
    let api = Api::public();
    let links = api.links_of("v9");
    let link = format!("{links}/1");
    let draft = json!({ "name": "a", "url": "http://a" });
    api.developer().get(&links).send().is(404, GONE);
    api.developer().post(&links).json(&draft).send().is(404, GONE);
    api.developer().get(&link).send().is(404, GONE);
    api.developer().put(&link).json(&draft).send().is(404, GONE);
    api.developer().delete(&link).send().is(404, GONE);
}

#[test]
fn each_link_type_of_the_list_is_stored() {
    let api = Api::public();
    for kind in ["other", "runbook", "image", "package"] {
        let answer = api.create(&json!({ "name": kind, "url": format!("http://{kind}"), "link_type": kind }));
        let stored = api.guest().get(api.link(answer.id())).send().json();
        assert_eq!(stored["link_type"], kind);
    }
}

#[test]
fn the_same_name_url_and_path_may_stand_in_another_release() {
    let api = Api::public();
    api.release("v2");
    let draft = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" });
    for tag in ["v1.7.0", "v2"] {
        api.developer().post(api.links_of(tag)).json(&draft).send().status(201);
    }
}

#[test]
fn callers_without_a_right_to_write_are_refused_and_nothing_changes() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let before = api.snapshot();
    let draft = json!({ "name": "b", "url": "http://b" });
    for caller in [api.anonymous(), api.stranger(), api.guest(), api.reporter()] {
        let forbidden = r#"{"message":"403 Forbidden"}"#;
        caller.post(api.links()).json(&draft).send().is(403, forbidden);
        caller.put(api.link(id)).json(&draft).send().is(403, forbidden);
        caller.delete(api.link(id)).send().is(403, forbidden);
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn developers_and_those_above_them_may_write() {
    let api = Api::private();
    for (number, caller) in [api.developer(), api.maintainer(), api.owner(), api.admin()].iter().enumerate() {
        let draft = json!({ "name": number, "url": format!("http://{number}") });
        let id = caller.post(api.links()).json(draft).send().status(201).id();
        caller.put(api.link(id)).json(json!({ "name": format!("new {number}") })).send().status(200);
        caller.delete(api.link(id)).send().status(200);
    }
}

#[test]
fn a_project_that_the_caller_may_not_read_answers_like_one_that_is_not_there() {
    let hidden = r#"{"message":"404 Project Not Found"}"#;
    let (private, internal) = (Api::private(), Api::internal());
    let id = private.add("a", "http://a");
    let draft = json!({ "name": "b", "url": "http://b" });
    for caller in [private.anonymous(), private.stranger()] {
        caller.get(private.links()).send().is(404, hidden);
        caller.get(private.link(id)).send().is(404, hidden);
        caller.post(private.links()).json(&draft).send().is(404, hidden);
        caller.put(private.link(id)).json(&draft).send().is(404, hidden);
        caller.delete(private.link(id)).send().is(404, hidden);
    }
    internal.anonymous().get(internal.links()).send().is(404, hidden);
    internal.stranger().get(internal.links()).send().is(200, "[]");
    private.guest().get(private.link(id)).send().status(200);
    private.admin().get("/api/v4/projects/999999999/releases/v1/assets/links").send().is(404, hidden);
    private.admin().get("/api/v4/projects/no%2Fsuch/releases/v1/assets/links").send().is(404, hidden);
}
