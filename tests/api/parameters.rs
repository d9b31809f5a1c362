//! docs/contract.md, "Parameter errors": the parameter layer, `{"error": …}`.

use serde_json::{Value, json};

use crate::harness::Api;

const NOTHING_TO_CHANGE: &str = "name, url are missing, at least one parameter must be provided";
const NO_SUCH_TYPE: &str = "link_type does not have a valid value";

#[test]
fn create_names_each_required_parameter_that_is_missing() {
    let api = Api::public();
    for (draft, sentence) in [
        (json!({}), "name is missing, url is missing"),
        (json!({ "filepath": "/bin/a" }), "name is missing, url is missing"),
        (json!({ "name": "a" }), "url is missing"),
        (json!({ "url": "http://a" }), "name is missing"),
    ] {
        api.create(&draft).is_error(sentence);
    }
    assert_eq!(api.snapshot(), "[]");
}

#[test]
fn update_wants_a_name_or_a_url() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let before = api.snapshot();
    for draft in [
        json!({}),
        json!({ "link_type": "image" }),
        json!({ "filepath": "/bin/a" }),
        json!({ "direct_asset_path": "/bin/a", "filepath": "/bin/b", "link_type": "image" }),
        json!({ "link_type": null }),
    ] {
        api.developer().put(api.link(id)).json(draft).send().is_error(NOTHING_TO_CHANGE);
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn update_reports_other_faults_before_that_nothing_is_named() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let answer = api.developer().put(api.link(id)).json(json!({ "link_type": "x" })).send();
    answer.is_error(&format!("{NO_SUCH_TYPE}, {NOTHING_TO_CHANGE}"));
    let answer = api.developer().put(api.links() + "/abc").json(json!({ "filepath": [], "link_type": "x" })).send();
    answer.is_error(&format!("link_id is invalid, filepath is invalid, {NO_SUCH_TYPE}, {NOTHING_TO_CHANGE}"));
}

#[test]
fn a_link_type_that_is_not_in_the_list_is_refused() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for kind in ["binary", "Image", "IMAGE", "", " image", "other,image", "0"] {
        let draft = json!({ "name": "b", "url": "http://b", "link_type": kind });
        api.create(&draft).is_error(NO_SUCH_TYPE);
        api.developer().put(api.link(id)).json(draft).send().is_error(NO_SUCH_TYPE);
    }
    api.developer().post(api.links()).form("name=b&url=http://b&link_type=").send().is_error(NO_SUCH_TYPE);
}

#[test]
fn a_null_link_type_counts_as_absent() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": "http://a", "link_type": null })).status(201);
    assert_eq!(made.json()["link_type"], "other");
}

#[test]
fn a_link_id_that_is_no_integer_is_refused_on_every_verb() {
    let api = Api::public();
    let draft = json!({ "name": "a" });
    for id in ["abc", "1a", "a1", "1%2F2", "null"] {
        let link = format!("{}/{id}", api.links());
        api.developer().get(&link).send().is_error("link_id is invalid");
        api.developer().put(&link).json(&draft).send().is_error("link_id is invalid");
        api.developer().delete(&link).send().is_error("link_id is invalid");
    }
}

#[test]
fn a_link_id_beyond_64_bits_is_an_unknown_link() {
    let api = Api::public();
    for id in ["9223372036854775808", "99999999999999999999999999", "-99999999999999999999999999", "-1", "0"] {
        let link = format!("{}/{id}", api.links());
        for method in ["GET", "DELETE"] {
            api.developer().request(method, &link).send().is(404, r#"{"message":"404 Not found"}"#);
        }
        let answer = api.developer().put(&link).json(json!({ "name": "a" })).send();
        answer.is(404, r#"{"message":"404 Not found"}"#);
    }
}

#[test]
fn an_object_or_an_array_is_invalid_for_each_of_the_five() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for key in ["name", "url", "direct_asset_path", "filepath", "link_type"] {
        for value in [json!({}), json!([]), json!({ "a": "b" }), json!(["a"])] {
            let mut draft = json!({ "name": "b", "url": "http://b" });
            draft[key] = value;
            api.create(&draft).is_error(&format!("{key} is invalid"));
            api.developer().put(api.link(id)).json(draft).send().is_error(&format!("{key} is invalid"));
        }
        for nested in [format!("{key}[]=x"), format!("{key}[a]=x")] {
            let target = format!("{}?{nested}", api.link(id));
            let rest = if matches!(key, "name" | "url") { "" } else { "&name=b" };
            api.developer().put(target + rest).send().is_error(&format!("{key} is invalid"));
        }
    }
}

#[test]
fn an_object_is_invalid_whatever_its_keys_are_called() {
    let api = Api::public();
    let draft = r#"{"name":{"$serde_json::private::Number":"5"},"url":"http://a"}"#;
    api.developer().post(api.links()).json(draft).send().is_error("name is invalid");
}

#[test]
fn faults_are_joined_in_the_order_of_declaration() {
    let api = Api::public();
    let draft = json!({ "link_type": {}, "filepath": [], "direct_asset_path": {}, "url": [], "name": {} });
    let all =
        "name is invalid, url is invalid, direct_asset_path is invalid, filepath is invalid, link_type is invalid";
    api.create(&draft).is_error(all);
    api.developer().put(api.links() + "/x").json(&draft).send().is_error(&format!("link_id is invalid, {all}"));
    let draft = json!({ "link_type": "x", "filepath": {} });
    let expected = format!("name is missing, url is missing, filepath is invalid, {NO_SUCH_TYPE}");
    api.create(&draft).is_error(&expected);
    api.create(&json!({ "name": [], "link_type": "x" }))
        .is_error(&format!("name is invalid, url is missing, {NO_SUCH_TYPE}"));
}

#[test]
fn a_json_number_or_boolean_is_taken_as_its_text() {
    let api = Api::public();
    for (value, text) in [(json!(7), "7"), (json!(-1.5), "-1.5"), (json!(true), "true"), (json!(false), "false")] {
        let made = api.create(&json!({ "name": value, "url": format!("http://{}", text.trim_start_matches('-')) }));
        assert_eq!(made.status(201).json()["name"], text);
    }
    api.create(&json!({ "name": "a", "url": 7 }))
        .is_invalid(&["Url is blocked: Only allowed schemes are http, https, ftp"]);
    api.create(&json!({ "name": "a", "url": "http://a", "link_type": 7 })).is_error(NO_SUCH_TYPE);
    let answer = api.create(&json!({ "name": "a", "url": "http://a", "filepath": false }));
    answer.is_invalid(&["Filepath is in an invalid format"]);
}

#[test]
fn a_json_integer_beyond_64_bits_is_taken_as_its_text() {
    let api = Api::public();
    for digits in ["18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"] {
        let draft = format!(r#"{{"name":{digits},"url":"http://a/{digits}"}}"#);
        let made = api.developer().post(api.links()).json(draft).send().status(201);
        assert_eq!(made.json()["name"], digits);
    }
}

#[test]
fn a_key_that_is_present_but_empty_or_null_passes_to_the_model() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for value in [json!(""), Value::Null] {
        api.create(&json!({ "name": value, "url": "http://b" })).is_invalid(&["Name can't be blank"]);
        let blank = ["Url can't be blank", "Url must be a valid URL"];
        api.create(&json!({ "name": "b", "url": value })).is_invalid(&blank);
        let put = |key: &str| api.developer().put(api.link(id)).json(json!({ key: value })).send();
        put("name").is_invalid(&["Name can't be blank"]);
        put("url").is_invalid(&blank);
    }
    api.developer().put(api.link(id)).form("name").send().is_invalid(&["Name can't be blank"]);
}

#[test]
fn a_page_or_a_size_that_is_no_number_is_refused() {
    let api = Api::public();
    for (query, sentence) in [
        ("page=abc", "page is invalid"),
        ("page=1x", "page is invalid"),
        ("per_page=abc", "per_page is invalid"),
        ("per_page=x&page=y", "page is invalid, per_page is invalid"),
        ("per_page=0", "per_page has a value not allowed"),
        ("per_page=0&page=x", "page is invalid, per_page has a value not allowed"),
    ] {
        api.guest().get(format!("{}?{query}", api.links())).send().is_error(sentence);
    }
}

#[test]
fn a_page_or_a_size_out_of_range_is_read_as_the_nearest_sensible_one() {
    let api = Api::public();
    for (query, page, size) in [
        ("", "1", "20"),
        ("?page=0", "1", "20"),
        ("?page=-5", "1", "20"),
        ("?per_page=101", "1", "100"),
        ("?per_page=9223372036854775807", "1", "100"),
        ("?per_page=-1", "1", "20"),
        ("?per_page=", "1", "20"),
        ("?per_page=100", "1", "100"),
        ("?per_page=1", "1", "1"),
    ] {
        let answer = api.guest().get(api.links() + query).send();
        answer.is(200, "[]");
        assert_eq!((answer.header("x-page"), answer.header("x-per-page")), (Some(page), Some(size)), "{query}");
    }
}

#[test]
fn the_page_may_also_come_in_the_body() {
    let api = Api::public();
    let answer = api.guest().get(api.links()).json(json!({ "page": 2, "per_page": 3 })).send();
    assert_eq!((answer.header("x-page"), answer.header("x-per-page")), (Some("2"), Some("3")));
}

#[test]
fn parameter_faults_come_before_authentication_and_before_the_project() {
    let api = Api::private();
    let missing = "name is missing, url is missing";
    api.anonymous().post(api.links()).send().is_error(missing);
    api.anonymous().post(api.links()).header("PRIVATE-TOKEN", "unknown").send().is_error(missing);
    api.stranger().post("/api/v4/projects/999999999/releases/v9/assets/links").send().is_error(missing);
    api.anonymous().get(api.links() + "?page=x").send().is_error("page is invalid");
    api.anonymous().put(api.links() + "/x").json(json!({ "name": "a" })).send().is_error("link_id is invalid");
    api.anonymous().delete(api.links() + "/x").send().is_error("link_id is invalid");
}
