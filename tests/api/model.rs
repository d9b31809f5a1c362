//! docs/contract.md, "Link rules": that the rules of the domain reach whoever creates or changes a link, `{"message": [ … ]}`. What each
//! rule says is tested with the rule.

use serde_json::{Value, json};

use crate::harness::{Api, encoded, is_refused};

const BLOCKED_SCHEME: &str = "Url is blocked: Only allowed schemes are http, https, ftp";
const URL_TOO_LONG: &str = "Url is too long (maximum is 2048 characters)";
const NAME_TOO_LONG: &str = "Name is too long (maximum is 255 characters)";
const PATH_TOO_LONG: &str = "Filepath is too long (maximum is 128 characters)";
const PATH_FORMAT: &str = "Filepath is in an invalid format";
const URL_TAKEN: &str = "Url has already been taken";
const NAME_TAKEN: &str = "Name has already been taken";
const PATH_TAKEN: &str = "Filepath has already been taken";
const BLANK_URL: [&str; 2] = ["Url can't be blank", "Url must be a valid URL"];

#[test]
fn a_name_over_255_characters_is_refused() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    is_refused(&api, id, &json!({ "name": "é".repeat(256), "url": "http://b" }), &[NAME_TOO_LONG]);
    let name = "é".repeat(255);
    let made = api.create(&json!({ "name": name, "url": "http://b" })).status(201);
    assert_eq!(made.json()["name"], name);
}

#[test]
fn a_name_is_stored_as_sent() {
    let api = Api::public();
    for (number, name) in [" a", "a\t", "<b>\"&'\\/", "e\u{301}"].iter().enumerate() {
        let id = api.create(&json!({ "name": name, "url": format!("http://{number}") })).status(201).id();
        assert_eq!(api.guest().get(api.link(id)).send().json()["name"], *name);
    }
}

#[test]
fn a_path_of_wrong_form_is_refused() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for path in ["", "/a/../bc", "/bin/a+b", "/bin/a~b", "bin/ab"] {
        is_refused(&api, id, &json!({ "name": "b", "url": "http://b", "filepath": path }), &[PATH_FORMAT]);
        is_refused(&api, id, &json!({ "name": "b", "url": "http://b", "direct_asset_path": path }), &[PATH_FORMAT]);
    }
}

#[test]
fn a_path_shows_encoded_in_the_direct_asset_url() {
    let api = Api::public();
    let answer = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/%2Fbc" }));
    let expected = format!("https://gitlab.example.com/{}/-/releases/v1.7.0/downloads/%252Fbc", api.path);
    assert_eq!(answer.status(201).json()["direct_asset_url"], expected);
}

#[test]
fn direct_asset_path_wins_over_filepath_unless_it_is_null() {
    let api = Api::public();
    let put = |draft: Value| {
        let id = api.add("a", "http://a");
        let answer = api.developer().put(api.link(id)).json(draft).send();
        api.developer().delete(api.link(id)).send().status(200);
        answer
    };
    for (draft, ending) in [
        (json!({ "name": "a", "direct_asset_path": "/bin/new", "filepath": "/bin/old" }), "/downloads/bin/new"),
        (json!({ "name": "a", "direct_asset_path": null, "filepath": "/bin/old" }), "/downloads/bin/old"),
        (json!({ "name": "a", "direct_asset_path": "/bin/new", "filepath": null }), "/downloads/bin/new"),
        (json!({ "name": "a", "direct_asset_path": "/bin/new", "filepath": "" }), "/downloads/bin/new"),
    ] {
        let link = put(draft).status(200).json();
        assert!(link["direct_asset_url"].as_str().unwrap().ends_with(ending), "{link}");
    }
    let empty = json!({ "name": "a", "direct_asset_path": "", "filepath": "/bin/old" });
    put(empty.clone()).is_invalid(&[PATH_FORMAT]);
    api.create(&json!({ "name": "b", "url": "http://b", "direct_asset_path": "", "filepath": "/bin/old" }))
        .is_invalid(&[PATH_FORMAT]);
}

#[test]
fn update_clears_a_path_with_null_and_leaves_it_alone_without_the_key() {
    let api = Api::public();
    let id = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).id();
    let put = |draft: Value| api.developer().put(api.link(id)).json(draft).send().status(200).json();
    assert!(put(json!({ "name": "b" }))["direct_asset_url"].as_str().unwrap().ends_with("/bin/a"));
    assert_eq!(put(json!({ "name": "b", "direct_asset_path": null }))["direct_asset_url"], "http://a");
    assert!(
        put(json!({ "name": "b", "filepath": "/bin/a" }))["direct_asset_url"].as_str().unwrap().ends_with("/bin/a")
    );
    assert_eq!(put(json!({ "name": "b", "filepath": null }))["direct_asset_url"], "http://a");
    let created = api.create(&json!({ "name": "c", "url": "http://c", "filepath": null })).status(201);
    assert_eq!(created.json()["direct_asset_url"], "http://c");
}

#[test]
fn a_value_already_in_the_release_is_refused_to_create_and_to_update() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let id = api.create(&json!({ "name": "b", "url": "http://b", "filepath": "/bin/b" })).id();
    is_refused(&api, id, &json!({ "name": "c", "url": "http://a" }), &[URL_TAKEN]);
    is_refused(&api, id, &json!({ "name": "a", "url": "http://c" }), &[NAME_TAKEN]);
    is_refused(&api, id, &json!({ "name": "c", "url": "http://c", "filepath": "/bin/a" }), &[PATH_TAKEN]);
    is_refused(&api, id, &json!({ "name": "c", "url": "http://c", "direct_asset_path": "/bin/a" }), &[PATH_TAKEN]);
    let all = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" });
    is_refused(&api, id, &all, &[URL_TAKEN, NAME_TAKEN, PATH_TAKEN]);
}

#[test]
fn all_faults_are_reported_together_in_the_order_url_name_path() {
    let api = Api::public();
    let id = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).id();
    let nothing = json!({ "filepath": "", "name": "", "url": "" });
    is_refused(&api, id, &nothing, &[BLANK_URL[0], BLANK_URL[1], "Name can't be blank", PATH_FORMAT]);
    let nulls = json!({ "name": null, "url": null });
    is_refused(&api, id, &nulls, &[BLANK_URL[0], BLANK_URL[1], "Name can't be blank"]);
    let long = json!({ "filepath": "x".repeat(129), "name": "x".repeat(256), "url": "x".repeat(2049) });
    is_refused(&api, id, &long, &[URL_TOO_LONG, NAME_TOO_LONG, PATH_TOO_LONG]);
}

#[test]
fn an_invalid_field_does_not_hide_what_the_others_collide_with() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let id = api.add("b", "http://b");
    is_refused(&api, id, &json!({ "name": "a", "url": "x" }), &[BLOCKED_SCHEME, NAME_TAKEN]);
    let draft = json!({ "name": "a", "url": " http://a ", "filepath": "/" });
    is_refused(&api, id, &draft, &[URL_TAKEN, NAME_TAKEN, PATH_FORMAT]);
}

#[test]
fn an_update_of_one_field_reports_that_field_alone() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let id = api.add("b", "http://b");
    let put = |draft: Value| api.developer().put(api.link(id)).json(draft).send();
    put(json!({ "name": "a" })).is_invalid(&[NAME_TAKEN]);
    put(json!({ "url": "http://a" })).is_invalid(&[URL_TAKEN]);
    put(json!({ "name": "b", "filepath": "/bin/a" })).is_invalid(&[PATH_TAKEN]);
    put(json!({ "url": "" })).is_invalid(&BLANK_URL);
}

#[test]
fn a_value_that_is_taken_is_answered_with_the_link_that_has_it() {
    let api = Api::public();
    let tag = "v1/é";
    api.release(tag);
    let list = api.links_of(&encoded(tag));
    let add = |draft: serde_json::Value| api.developer().post(&list).json(draft).send();
    let a = add(json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201).id();
    let b = add(json!({ "name": "b", "url": "http://b" })).status(201).id();
    let holder = |id: u64| {
        let address = format!("https://gitlab.example.com/api/v4/projects/{}/releases/v1%2F%C3%A9", api.project);
        format!(r#"{{"id":"{id}","url":"{address}/assets/links/{id}"}}"#)
    };
    let all = json!({ "name": "a", "url": "http://b", "filepath": "/bin/a" });
    let told = format!(
        r#"{{"message":["{URL_TAKEN}","{NAME_TAKEN}","{PATH_TAKEN}"],"taken_by":{{"url":{},"name":{},"filepath":{}}}}}"#,
        holder(b),
        holder(a),
        holder(a)
    );
    add(all).is(400, &told);
    let told = format!(r#"{{"message":["{NAME_TAKEN}"],"taken_by":{{"name":{}}}}}"#, holder(a));
    api.developer().put(format!("{list}/{b}")).json(json!({ "name": "a" })).send().is(400, &told);
    let both = json!({ "name": "", "url": "http://b" });
    let told = format!(r#"{{"message":["{URL_TAKEN}","Name can't be blank"],"taken_by":{{"url":{}}}}}"#, holder(b));
    add(both).is(400, &told);
    api.guest()
        .get(holder(a).split('"').nth(7).unwrap().trim_start_matches("https://gitlab.example.com"))
        .send()
        .status(200);
}
