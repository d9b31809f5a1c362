//! docs/contract.md, "Link endpoints", request bodies: four encodings that make up one set of parameters; and docs/contract.md, "Unusual requests".

use serde_json::{Value, json};

use crate::harness::{Api, Request};

const BOTH_MISSING: &str = "name is missing, url is missing";

/// The values of one key in the list of links, oldest first.
fn stored(api: &Api, key: &str) -> Vec<Value> {
    let list: Value = serde_json::from_str(&api.snapshot()).unwrap();
    list.as_array().unwrap().iter().rev().map(|link| link[key].clone()).collect()
}

#[test]
fn all_four_encodings_create_the_same_link() {
    let api = Api::public();
    let (name, path) = ("a b+c&d=é ✓", "/bin/a_b-1.0");
    let query = "name=a%20b%2Bc%26d%3D%C3%A9+%E2%9C%93&url=http%3A%2F%2Fa%2F%3Fx%3D1%26y&direct_asset_path=%2Fbin%2Fa_b-1.0&link_type=image";
    let draft = json!({ "name": name, "url": "http://a/?x=1&y", "direct_asset_path": path, "link_type": "image" });
    let parts = [("name", name), ("url", "http://a/?x=1&y"), ("direct_asset_path", path), ("link_type", "image")];
    let post = || api.developer().post(api.links());
    let mut answers = Vec::new();
    for request in [post().form(query), post().json(&draft), post().multipart(&parts), post().body(query)] {
        let answer = request.send();
        api.developer().delete(api.link(answer.id())).send().status(200);
        answers.push(answer);
    }
    answers.push(api.developer().post(format!("{}?{query}", api.links())).send());
    for answer in answers {
        let link = answer.status(201).json();
        assert_eq!((&link["name"], &link["url"]), (&json!(name), &json!("http://a/?x=1&y")));
        assert_eq!(link["link_type"], "image");
        assert!(link["direct_asset_url"].as_str().unwrap().ends_with("/downloads/bin/a_b-1.0"), "{link}");
    }
}

#[test]
fn all_four_encodings_update_a_link() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let put = |ending: &str| api.developer().put(api.link(id) + ending);
    for (name, request) in [
        ("query", put("?name=query")),
        ("form", put("").form("name=form")),
        ("json", put("").json(r#"{"name":"json"}"#)),
        ("multipart", put("").multipart(&[("name", "multipart")])),
        ("no type", put("").body("name=no%20type")),
    ] {
        assert_eq!(request.send().status(200).json()["name"], name);
    }
}

#[test]
fn query_and_body_merge_and_the_body_wins() {
    let api = Api::public();
    let post = |name: &str| api.developer().post(format!("{}?name=query&url=http://{name}", api.links()));
    post("0").form("name=form").send().status(201);
    post("1").json(r#"{"name":"json"}"#).send().status(201);
    post("2").multipart(&[("name", "multipart")]).send().status(201);
    post("3").body("name=typeless").send().status(201);
    post("4").form("filepath=/bin/a").send().status(201);
    assert_eq!(stored(&api, "name"), ["form", "json", "multipart", "typeless", "query"]);
    assert_eq!(stored(&api, "url"), ["http://0", "http://1", "http://2", "http://3", "http://4"]);
}

#[test]
fn a_null_in_the_body_wins_over_the_query() {
    let api = Api::public();
    let target = format!("{}?name=query&url=http://a", api.links());
    api.developer().post(target).json(r#"{"name":null}"#).send().is_invalid(&["Name can't be blank"]);
}

#[test]
fn a_content_type_may_carry_parameters_and_capitals() {
    let api = Api::public();
    for (number, (kind, body)) in [
        ("application/json; charset=utf-8", r#"{"name":"0","url":"http://0"}"#),
        ("Application/JSON", r#"{"name":"1","url":"http://1"}"#),
        ("application/x-www-form-urlencoded; charset=UTF-8", "name=2&url=http://2"),
        ("APPLICATION/X-WWW-FORM-URLENCODED", "name=3&url=http://3"),
    ]
    .into_iter()
    .enumerate()
    {
        let made = api.developer().post(api.links()).header("Content-Type", kind).body(body).send();
        assert_eq!(made.status(201).json()["name"], number.to_string());
    }
}

#[test]
fn rack_nesting_makes_a_release_with_links() {
    let api = Api::public();
    let form = "tag_name=form\
        &assets[links][][name]=a&assets[links][][url]=http://a&assets[links][][filepath]=/bin/a\
        &assets[links][][name]=b&assets[links][][url]=http://b\
        &assets[links][][url]=http://c&assets[links][][name]=c&assets[links][][link_type]=image";
    let encoded = form.replace("=form", "=encoded").replace('[', "%5B").replace(']', "%5D");
    let query = form.replace("=form", "=query");
    api.developer().post(api.releases()).form(form).send().status(201);
    api.developer().post(api.releases()).form(encoded).send().status(201);
    api.developer().post(format!("{}?{query}", api.releases())).send().status(201);
    let parts: Vec<(&str, &str)> = form.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    let parts = [&[("tag_name", "multipart")], &parts[1..]].concat();
    api.developer().post(api.releases()).multipart(&parts).send().status(201);

    for tag in ["form", "encoded", "query", "multipart"] {
        let list = api.guest().get(api.links_of(tag)).send().status(200).json();
        let links = list.as_array().unwrap();
        let names: Vec<_> = links.iter().map(|link| link["name"].as_str().unwrap()).collect();
        let urls: Vec<_> = links.iter().map(|link| link["url"].as_str().unwrap()).collect();
        let mut pairs: Vec<_> = names.into_iter().zip(urls).collect();
        pairs.sort_unstable();
        assert_eq!(pairs, [("a", "http://a"), ("b", "http://b"), ("c", "http://c")], "{tag}");
        let image = links.iter().find(|link| link["name"] == "c").unwrap();
        assert_eq!(image["link_type"], "image", "{tag}");
    }
}

#[test]
fn a_json_release_brings_its_links() {
    let api = Api::public();
    let release = json!({ "tag_name": "v2", "assets": { "links": [{ "name": "a", "url": "http://a" }] } });
    api.developer().post(api.releases()).json(release).send().status(201);
    let list = api.guest().get(api.links_of("v2")).send().status(200).json();
    assert_eq!(list[0]["name"], "a");
}

#[test]
fn a_json_body_that_is_no_object_carries_no_parameters() {
    let api = Api::public();
    for body in ["[]", r#"[{"name":"a"}]"#, r#""name""#, "1", "null", "true", " [ ] "] {
        api.developer().post(api.links()).json(body).send().is_error(BOTH_MISSING);
    }
    let target = format!("{}?name=a&url=http://a", api.links());
    api.developer().post(target).json("[1]").send().status(201);
}

#[test]
fn an_empty_object_is_fine_on_every_verb() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    api.developer().get(api.links()).json("{}").send().status(200);
    api.developer().get(api.link(id)).json("{}").send().status(200);
    api.developer().post(api.links()).json("{}").send().is_error(BOTH_MISSING);
    let nothing = "name, url are missing, at least one parameter must be provided";
    api.developer().put(api.link(id)).json("{}").send().is_error(nothing);
    api.developer().delete(api.link(id)).json("{}").send().status(200);
}

#[test]
fn an_empty_body_of_any_content_type_is_fine_on_every_verb() {
    let api = Api::public();
    let kinds = [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
        "application/octet-stream",
    ];
    for kind in kinds {
        let typed = |request: Request| request.header("Content-Type", kind);
        let target = format!("{}?name=a&url=http://a", api.links());
        let id = typed(api.developer().post(target)).body("").send().status(201).id();
        typed(api.developer().get(api.links())).send().status(200);
        typed(api.developer().get(api.link(id))).body("").send().status(200);
        typed(api.developer().put(api.link(id) + "?name=b")).body("").send().status(200);
        typed(api.developer().delete(api.link(id))).send().status(200);
    }
}

#[test]
fn unknown_parameters_are_ignored() {
    let api = Api::public();
    let draft = json!({ "name": "a", "url": "http://a", "id": 7, "nested": { "deep": [1, { "x": null }] }, "": "" });
    let made = api.create(&draft).status(201);
    assert_ne!(made.id(), 7);
    let form = "name=b&url=http://b&x[]=1&x[]=2&y[z][]=3&=&;";
    api.developer().post(api.links()).form(form).send().status(201);
}

#[test]
fn an_upload_form_with_an_empty_extra_part_is_fine() {
    let api = Api::public();
    let body = concat!(
        "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttp://a\r\n",
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n",
        "--x--\r\n"
    );
    let request = api.developer().post(api.links()).header("Content-Type", "multipart/form-data; boundary=\"x\"");
    assert_eq!(request.body(body).send().status(201).json()["name"], "a");
}

#[test]
fn the_last_of_a_repeated_key_counts() {
    let api = Api::public();
    let made = api.developer().post(api.links()).form("name=a&name=b&url=http://a").send().status(201);
    assert_eq!(made.json()["name"], "b");
}

#[test]
fn a_chunked_body_is_read_like_any_other() {
    let api = Api::public();
    let draft = json!({ "name": "a", "url": "http://a", "padding": "x".repeat(100_000) });
    api.developer().post(api.links()).json(draft).chunked().send().status(201);
}

#[test]
fn deep_nesting_neither_breaks_the_server_nor_a_later_request() {
    let api = Api::public();
    let deep = 100_000;
    let document = format!(r#"{{"name":"a","url":"http://a","x":{}1{}}}"#, "[".repeat(deep), "]".repeat(deep));
    let form = format!("name=b&url=http://b&x{}=1", "[y]".repeat(deep));
    let list = format!("name=c&url=http://c&x{}=1", "[]".repeat(deep));
    for request in [
        api.developer().post(api.links()).json(document),
        api.developer().post(api.links()).form(form),
        api.developer().post(api.links()).form(list),
    ] {
        let answer = request.send();
        assert!(matches!(answer.status, 201 | 400), "{answer:?}");
    }
    api.guest().get(api.links()).send().status(200);
}
