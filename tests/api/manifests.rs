//! docs/contract.md, "Manifests": all links of a release at once.

use serde_json::{Value, json};

use crate::digests::sha256;
use crate::harness::{Api, Request, Response, at_once};

impl Api {
    pub fn manifest(&self) -> String {
        format!("{}/v1.7.0/assets/manifest", self.releases())
    }

    fn put_manifest(&self, body: impl std::fmt::Display) -> Response {
        self.developer().put(self.manifest()).json(body).send()
    }

    fn get_manifest(&self) -> Response {
        self.guest().get(self.manifest()).send().status(200)
    }
}

fn tag(answer: &Response) -> &str {
    answer.header("etag").expect("an ETag")
}

/// The names of the links in an answer.
fn names(body: &Value) -> Vec<&str> {
    body["links"].as_array().unwrap().iter().map(|link| link["name"].as_str().unwrap()).collect()
}

/// The names of the links in a list.
fn listed(api: &Api) -> Vec<String> {
    let links: Vec<Value> = serde_json::from_str(&api.snapshot()).unwrap();
    links.iter().map(|link| link["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn get_shows_all_links_with_null_for_what_is_not_set() {
    let api = Api::public();
    let digest = sha256("a");
    let whole = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a", "link_type": "image", "digest": digest, "size": 7 });
    let a = api.create(&whole).id();
    let b = api.add("b", "http://b");
    let text = format!(
        r#"{{"links":[{{"id":{b},"name":"b","url":"http://b","direct_asset_path":null,"link_type":"other","digest":null,"size":null}},{{"id":{a},"name":"a","url":"http://a","direct_asset_path":"/bin/a","link_type":"image","digest":"{digest}","size":7}}]}}"#
    );
    let shown = api.get_manifest();
    shown.is(200, &text);
    assert!(tag(&shown).starts_with('"'), "{shown:?}");
    let again = api.guest().get(api.manifest()).header("If-None-Match", tag(&shown)).send().status(304);
    assert_eq!((tag(&again), again.text.as_str()), (tag(&shown), ""));
}

#[test]
fn a_manifest_creates_updates_and_deletes_and_what_get_gives_put_takes() {
    let api = Api::public();
    let [a, b, _] = [("a", "http://a"), ("b", "http://b"), ("old", "http://old")].map(|(name, url)| api.add(name, url));
    let body = json!({ "links": [
        { "id": a, "name": "renamed", "url": "http://a", "size": "3" },
        { "id": null, "name": "new", "url": "http://new", "direct_asset_path": "/bin/new", "digest": sha256("B") },
        { "name": "b", "url": "http://b" },
    ] });
    let done = api.put_manifest(&body).status(200);
    let shown = api.get_manifest();
    assert_eq!(tag(&done), tag(&shown));
    let (done, text) = (done.json(), shown.text.clone());
    let changes = json!({ "created": ["new"], "updated": ["renamed"], "deleted": ["old"], "unchanged": ["b"] });
    assert_eq!((&done["changes"], &done["dry_run"]), (&changes, &json!(false)));
    assert_eq!(done["links"], shown.json()["links"]);
    assert_eq!(names(&done), ["renamed", "new", "b"]);
    assert_eq!((&done["links"][0]["id"], &done["links"][2]["id"]), (&json!(a), &json!(b)));
    assert_eq!(listed(&api), ["renamed", "new", "b"]);

    let again = api.put_manifest(&text).status(200).json();
    assert_eq!(again["changes"]["unchanged"], json!(["b", "new", "renamed"]));
    api.get_manifest().is(200, &text);
}

#[test]
fn the_answer_names_its_keys_in_the_contract_s_order() {
    let api = Api::public();
    let done = api.put_manifest(json!({ "links": [{ "name": "a", "url": "http://a" }], "dry_run": true }));
    done.is(200, r#"{"changes":{"created":["a"],"updated":[],"deleted":[],"unchanged":[]},"dry_run":true,"links":[{"id":null,"name":"a","url":"http://a","direct_asset_path":null,"link_type":"other","digest":null,"size":null}]}"#);
}

#[test]
fn names_of_changes_stand_in_byte_order() {
    let api = Api::public();
    let order = ["b", "é", "B", "a", "10", "9"];
    let links: Vec<Value> =
        order.iter().map(|name| json!({ "name": name, "url": format!("http://x/{name}") })).collect();
    let done = api.put_manifest(json!({ "links": links })).status(200).json();
    assert_eq!(done["changes"]["created"], json!(["10", "9", "B", "a", "b", "é"]));
    assert_eq!(names(&done), order);
}

#[test]
fn an_entry_matches_by_id_else_by_name_else_by_path() {
    let api = Api::public();
    let made = |name: &str| {
        let link = json!({ "name": name, "url": format!("http://{name}"), "filepath": format!("/bin/{name}") });
        api.create(&link).status(201).id()
    };
    let (a, b, c) = (made("a"), made("b"), made("c"));
    let done = api.put_manifest(json!({ "links": [
        { "name": "x", "url": "http://x", "direct_asset_path": "/bin/c" },
        { "name": "b", "url": "http://y", "direct_asset_path": "/bin/a" },
        { "id": a, "name": "c", "url": "http://z" },
    ] }));
    let done = done.status(200).json();
    let ids: Vec<&Value> = done["links"].as_array().unwrap().iter().map(|link| &link["id"]).collect();
    assert_eq!(ids, [c, b, a]);
}

#[test]
fn what_is_not_sent_becomes_empty() {
    let api = Api::public();
    let whole = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a", "link_type": "image", "digest": sha256("a"), "size": 7 });
    let id = api.create(&whole).id();
    let done = api.put_manifest(json!({ "links": [{ "name": "a", "url": "http://a" }] })).status(200).json();
    assert_eq!(done["changes"]["updated"], json!(["a"]));
    let plain = json!({ "id": id, "name": "a", "url": "http://a", "direct_asset_path": null, "link_type": "other", "digest": null, "size": null });
    assert_eq!(done["links"], json!([plain]));
    api.put_manifest(json!({ "links": [plain] })).status(200);
}

#[test]
fn without_prune_other_links_stay_behind_those_that_are_sent_and_keep_their_values() {
    let api = Api::public();
    let [_, b, _] = [("a", "http://a"), ("b", "http://b"), ("c", "http://c")].map(|(name, url)| api.add(name, url));
    let done = api.put_manifest(json!({ "links": [{ "id": b, "name": "b", "url": "http://b" }, { "name": "d", "url": "http://d" }], "prune": false }));
    assert_eq!(names(&done.status(200).json()), ["b", "d", "c", "a"]);
    assert_eq!(listed(&api), ["b", "d", "c", "a"]);
    let taken = json!({ "links": [{ "name": "e", "url": "http://a" }], "prune": false });
    api.put_manifest(&taken).is(400, r#"{"message":["links[0]: Url has already been taken"]}"#);
    let pruned = json!({ "links": [{ "name": "e", "url": "http://a" }] });
    assert_eq!(api.put_manifest(&pruned).status(200).json()["changes"]["deleted"], json!(["a", "b", "c", "d"]));
}

#[test]
fn links_swap_names_urls_and_paths_and_their_permanent_addresses_follow() {
    let api = Api::public();
    let link = |id: u64, name: &str, url: &str| json!({ "id": id, "name": name, "url": url, "direct_asset_path": format!("/bin/{name}") });
    let made = |name: &str| api.create(&link(1, name, &format!("http://{name}.example"))).status(201).id();
    let (a, b) = (made("a"), made("b"));
    let swapped = json!({ "links": [link(b, "a", "http://a.example"), link(a, "b", "http://b.example")] });
    let done = api.put_manifest(&swapped).status(200).json();
    assert_eq!(done["changes"]["updated"], json!(["a", "b"]));
    let target = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    assert_eq!(api.guest().get(target).send().status(302).header("location"), Some("http://a.example"));
    assert_eq!(api.guest().get(api.link(b)).send().status(200).json()["name"], "a");
}

#[test]
fn new_links_come_first_and_then_the_order_of_the_manifest() {
    let api = Api::public();
    for name in ["a", "b", "c"] {
        api.add(name, &format!("http://{name}"));
    }
    let shown = api.get_manifest().json();
    assert_eq!(names(&shown), ["c", "b", "a"]);
    let mut turned = shown["links"].as_array().unwrap().clone();
    turned.rotate_left(1);
    let done = api.put_manifest(json!({ "links": turned })).status(200).json();
    assert_eq!(done["changes"]["unchanged"], json!(["a", "b", "c"]));
    api.add("d", "http://d");
    api.add("e", "http://e");
    assert_eq!(listed(&api), ["e", "d", "b", "a", "c"]);
    let release = api.guest().get(format!("{}/v1.7.0", api.releases())).send().status(200).json();
    assert_eq!(names(&release["assets"]), ["e", "d", "b", "a", "c"]);
    let releases = api.guest().get(api.releases()).send().status(200).json();
    assert_eq!(names(&releases[0]["assets"]), ["e", "d", "b", "a", "c"]);
    let second = api.guest().get(api.links() + "?per_page=2&page=2").send().status(200).json();
    assert_eq!((&second[0]["name"], &second[1]["name"]), (&json!("b"), &json!("a")));
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let api = Api::public();
    let a = api.add("a", "http://a");
    let (links, manifest) = (api.snapshot(), api.get_manifest());
    let body = json!({ "links": [{ "name": "b", "url": "http://b" }, { "id": a, "name": "c", "url": "http://a" }] });
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    let in_query = api.developer().put(api.manifest() + "?dry_run=true").json(&body).send().status(200);
    let in_body = api.put_manifest(&dry).status(200);
    assert_eq!(in_query.text, in_body.text);
    assert_eq!(tag(&in_body), tag(&manifest));
    let told = in_body.json();
    assert_eq!((&told["dry_run"], &told["links"][0]["id"]), (&json!(true), &Value::Null));
    assert_eq!((api.snapshot(), api.get_manifest().text), (links, manifest.text));
    let done = api.put_manifest(&body).status(200).json();
    assert_eq!(done["changes"], told["changes"]);
    assert!(done["links"][0]["id"].is_u64(), "{done}");
}

#[test]
fn a_dry_run_is_refused_like_the_real_one() {
    let api = Api::public();
    api.add("a", "http://a");
    for body in [
        json!({ "links": [{ "name": "b", "url": "" }] }),
        json!({ "links": [{ "id": 999_999_999, "name": "b", "url": "http://b" }] }),
        json!({ "links": [{ "name": "b", "url": "http://a" }], "prune": false }),
    ] {
        let put =
            |query: &str| api.developer().put(format!("{}{query}", api.manifest())).json(&body).send().status(400);
        assert_eq!(put("?dry_run=true").text, put("").text);
    }
    let (dry, body) = (api.manifest() + "?dry_run=true", json!({ "links": [] }));
    api.guest().put(&dry).json(&body).send().is(403, r#"{"message":"403 Forbidden"}"#);
    let stale = api.developer().put(&dry).header("If-Match", r#""x""#).json(&body).send();
    stale.is(412, r#"{"message":"412 Precondition Failed"}"#);
}

#[test]
fn preconditions_name_all_links_of_the_release() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let manifest = api.get_manifest();
    let current = tag(&manifest).to_owned();
    let body = json!({ "links": [{ "name": "a", "url": "http://a" }] });
    let put = |name: &str, value: &str| api.developer().put(api.manifest()).header(name, value).json(&body).send();
    let one = tag(&api.guest().get(api.link(id)).send()).to_owned();
    for (name, value) in [
        ("If-Match", format!("W/{current}")),
        ("If-Match", one),
        ("If-None-Match", "*".to_owned()),
        ("If-None-Match", format!("W/{current}")),
    ] {
        let refused = put(name, &value);
        refused.is(412, r#"{"message":"412 Precondition Failed"}"#);
        assert_eq!(tag(&refused), current, "{name}: {value}");
    }
    for (name, value) in [("If-Match", ""), ("If-Match", "x"), ("If-None-Match", " "), ("If-Match", "W/")] {
        put(name, value).is(400, r#"{"error":"400 Bad Request"}"#);
    }
    put("If-Match", &current).status(200);
    api.add("b", "http://b");
    put("If-Match", &current).status(412);
    put("If-Match", "*").status(200);
}

#[test]
fn another_encoding_than_json_is_415() {
    let api = Api::public();
    api.add("a", "http://a");
    let before = api.snapshot();
    let body = r#"{"links":[]}"#;
    let put =
        |content_type: &str| api.developer().put(api.manifest()).header("Content-Type", content_type).body(body).send();
    for content_type in ["application/x-www-form-urlencoded", "text/plain", "application/merge-patch+json"] {
        let told = format!(r#"{{"error":"The provided content-type '{content_type}' is not supported."}}"#);
        put(content_type).is(415, &told);
    }
    api.developer().put(api.manifest()).multipart(&[("links", "x")]).send().status(415);
    api.developer().put(api.manifest()).body(body).send().status(415);
    api.developer().put(api.manifest()).send().status(415);
    assert_eq!(api.snapshot(), before);
    put("application/json; charset=utf-8").status(200);
}

#[test]
fn faults_of_parameters_are_told_by_entry_and_change_nothing() {
    let api = Api::public();
    api.add("a", "http://a");
    let before = api.snapshot();
    let entry = |more: &str| format!(r#"{{"links":[{{"name":"x","url":"http://x",{more}}}]}}"#);
    let many = |count: usize| json!({ "links": vec![json!({}); count] }).to_string();
    for (body, expected) in [
        ("{}".to_owned(), "links is missing"),
        (r#"{"links":null}"#.to_owned(), "links is invalid"),
        (r#"{"links":{}}"#.to_owned(), "links is invalid"),
        (r#"{"links":"a"}"#.to_owned(), "links is invalid"),
        (r#"{"links":[],"prune":null}"#.to_owned(), "prune is invalid"),
        (r#"{"links":[],"prune":""}"#.to_owned(), "prune is invalid"),
        (r#"{"links":[],"prune":2}"#.to_owned(), "prune is invalid"),
        (r#"{"links":[],"dry_run":null}"#.to_owned(), "dry_run is invalid"),
        (r#"{"links":[],"dry_run":[]}"#.to_owned(), "dry_run is invalid"),
        (r#"{"links":[],"dryrun":true}"#.to_owned(), "dryrun is unknown"),
        (r#"{"links":[],"private_token":"x"}"#.to_owned(), "private_token is unknown"),
        (r#"{"links":[1,null,[]]}"#.to_owned(), "links[0] is invalid, links[1] is invalid, links[2] is invalid"),
        (r#"{"links":[{}]}"#.to_owned(), "links[0][name] is missing, links[0][url] is missing"),
        (entry(r#""nmae":1"#), "links[0][nmae] is unknown"),
        (entry(r#""filepath":"/a""#), "links[0][filepath] is unknown"),
        (entry(r#""id":"x""#), "links[0][id] is invalid"),
        (entry(r#""size":9007199254740992"#), "links[0][size] is invalid"),
        (entry(r#""size":-1"#), "links[0][size] is invalid"),
        (entry(r#""digest":"sha256:1""#), "links[0][digest] is invalid"),
        (entry(r#""direct_asset_path":[]"#), "links[0][direct_asset_path] is invalid"),
        (
            entry(r#""zz":1,"size":"x","digest":"x","link_type":"x","id":"x","aa":1"#),
            "links[0][id] is invalid, links[0][link_type] does not have a valid value, links[0][digest] is invalid, links[0][size] is invalid, links[0][aa] is unknown, links[0][zz] is unknown",
        ),
        (many(1_001), "links is too long (maximum is 1000)"),
    ] {
        api.put_manifest(body).is_error(expected);
    }
    for (query, expected) in [
        ("?page=1", "page is unknown"),
        ("?prune=false", "prune is unknown"),
        ("?dry_run=", "dry_run is invalid"),
        ("?dry_run", "dry_run is invalid"),
        ("?dry_run=maybe&links[]=1", "dry_run is invalid, links is unknown"),
    ] {
        let sent = api.developer().put(format!("{}{query}", api.manifest())).json(r#"{"links":[]}"#).send();
        sent.is_error(expected);
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn faults_of_links_are_told_by_entry_and_change_nothing() {
    let api = Api::public();
    let a = api.add("a", "http://a");
    let before = api.snapshot();
    let unknown = json!({ "links": [
        { "id": 999_999_999, "name": "", "url": "" },
        { "name": "b", "url": "http://b" },
        { "id": 999_999_998, "name": "c", "url": "http://c" },
    ] });
    api.put_manifest(&unknown).is_error("links[0][id] does not exist, links[2][id] does not exist");
    let faulty = json!({ "links": [
        { "id": a, "name": "a", "url": "http://a", "direct_asset_path": "/bin/a" },
        { "id": a, "name": "a", "url": "http://a", "direct_asset_path": "/bin/a" },
        { "name": null, "url": "gopher://x", "direct_asset_path": "x" },
    ] });
    let expected = json!({ "message": [
        "links[1]: Id has already been taken",
        "links[1]: Url has already been taken",
        "links[1]: Name has already been taken",
        "links[1]: Filepath has already been taken",
        "links[2]: Url is blocked: Only allowed schemes are http, https, ftp",
        "links[2]: Name can't be blank",
        "links[2]: Filepath is in an invalid format",
    ] });
    assert_eq!(api.put_manifest(&faulty).status(400).json(), expected);
    assert_eq!(api.snapshot(), before);
}

#[test]
fn a_manifest_may_have_four_mebibytes_and_a_thousand_links() {
    let api = Api::public();
    let sized = |size: usize| {
        let body = r#"{"links":[]}"#;
        let request = api.developer().put(api.manifest()).header("Content-Type", "application/json");
        request.body(body.to_owned() + &" ".repeat(size - body.len()))
    };
    let most = 4 * 1024 * 1024;
    sized(most).send().status(200);
    let too_large = r#"{"error":"413 Request Entity Too Large"}"#;
    sized(most + 1).send().is(413, too_large);
    sized(most + 1).chunked().send().is(413, too_large);
    let full: Vec<Value> =
        (0..1_000).map(|n| json!({ "name": format!("{n}-{}", "é".repeat(250)), "url": format!("http://x/{n}/{}", "p".repeat(1_900)) })).collect();
    let done = api.put_manifest(json!({ "links": full })).status(200).json();
    assert_eq!(done["changes"]["created"].as_array().unwrap().len(), 1_000);
    assert_eq!(api.get_manifest().json()["links"], done["links"]);
    let one_more = json!({ "links": [{ "name": "one more", "url": "http://x" }], "prune": false });
    api.put_manifest(&one_more).is(400, r#"{"message":["Links are too many (maximum is 1000)"]}"#);
    assert_eq!(api.put_manifest(json!({ "links": [] })).status(200).json()["links"], json!([]));
}

#[test]
fn readers_see_one_of_two_manifests_whole() {
    let api = Api::public();
    let manifest = |n: usize| -> Value {
        (0..20).map(|at| json!({ "name": format!("{}", (at + n) % 20), "url": format!("http://{n}/{at}") })).collect()
    };
    api.put_manifest(json!({ "links": manifest(0) })).status(200);
    let (developer, guest) = (api.developer(), api.guest());
    let requests: Vec<Request> = (1..=24)
        .flat_map(|n| {
            let write = developer.put(api.manifest()).json(json!({ "links": manifest(n) }));
            [write, guest.get(api.manifest()), guest.get(api.links())]
        })
        .collect();
    let of = |links: &Value| -> Vec<(Value, Value)> {
        links.as_array().unwrap().iter().map(|link| (link["name"].clone(), link["url"].clone())).collect()
    };
    let allowed: Vec<_> = (0..=24).map(|n| of(&manifest(n))).collect();
    for triple in at_once(requests).chunks(3) {
        assert_eq!(triple[0].status, 200, "{:?}", triple[0]);
        let (whole, list) = (of(&triple[1].json()["links"]), of(&triple[2].json()));
        assert!(allowed.contains(&whole) && allowed.contains(&list), "{whole:?} {list:?}");
    }
}
