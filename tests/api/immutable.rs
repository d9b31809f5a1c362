//! docs/contract.md, "Immutable releases and history": what can still change, what cannot, and by which ways that is tried.

use serde_json::{Value, json};

use crate::digests::sha256;
use crate::harness::{Api, Caller, Request, Response, at_once, encoded};

const IMMUTABLE: &str = r#"{"message":"403 Forbidden - Release is immutable"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const USED_UP: &str = r#"{"message":"Tag name was used by an immutable release"}"#;

impl Api {
    /// The address of a release, whose tag is already encoded.
    pub fn release_address(&self, tag: &str) -> String {
        format!("{}/{tag}", self.releases())
    }

    /// Makes a release immutable.
    #[track_caller]
    pub fn freeze(&self, tag: &str) -> Response {
        self.developer().put(format!("{}/immutable", self.release_address(tag))).send().status(200)
    }

    /// Asks for a release of this tag.
    pub fn post_release(&self, tag: &str) -> Response {
        self.developer().post(self.releases()).json(json!({ "tag_name": tag })).send()
    }
}

/// Two links of the immutable release `v1.7.0`: one with a path, the other with neither path nor digest.
struct Frozen {
    api: Api,
    first: u64,
    second: u64,
}

impl Frozen {
    fn new() -> Self {
        let api = Api::public();
        let first = api.create(&Self::first()).status(201).id();
        let second = api.add("second", "https://example.com/second");
        api.freeze("v1.7.0");
        Self { api, first, second }
    }

    fn first() -> Value {
        json!({ "name": "first", "url": "https://example.com/first", "filepath": "/bin/first", "link_type": "package" })
    }

    /// The release and its links in all forms, which two equal results show to be unchanged.
    fn everything(&self) -> Vec<String> {
        let Self { api, .. } = self;
        let shown = [api.links() + "?per_page=100", api.manifest(), api.release_address("v1.7.0")];
        shown.map(|target| api.admin().get(target).send().status(200).text).to_vec()
    }
}

#[test]
fn a_release_is_made_immutable_once_and_says_so_at_its_end() {
    let api = Api::public();
    api.release("other");
    let target = format!("{}/immutable", api.release_address("v1.7.0"));
    let before = api.guest().get(api.release_address("v1.7.0")).send().status(200);
    assert!(!before.text.contains("immutable"), "{}", before.text);
    let made = api.freeze("v1.7.0");
    let text = before.text.strip_suffix('}').unwrap().to_owned() + r#","immutable":true}"#;
    assert_eq!(made.text, text);
    let shown = api.guest().get(api.release_address("v1.7.0")).send().status(200);
    assert_eq!((&shown.text, shown.header("etag")), (&text, made.header("etag")));
    let again = api.freeze("v1.7.0");
    assert_eq!((&again.text, again.header("etag")), (&text, made.header("etag")));
    let list = api.guest().get(api.releases()).send().status(200).json();
    let marks: Vec<_> = list.as_array().unwrap().iter().map(|release| release["immutable"].clone()).collect();
    assert_eq!(marks, [Value::Null, json!(true)]);
    let on_the_web = api.guest().get(format!("/{}/-/releases/v1.7.0", api.path)).send().status(200);
    assert_eq!(on_the_web.text, text);
    let back = api.owner().delete(&target).send().status(405);
    assert_eq!(back.header("allow"), Some("PUT"));
    api.owner().get(target).send().status(405);
}

#[test]
fn only_who_may_write_a_release_makes_it_immutable() {
    let api = Api::public();
    api.release("sealed");
    let rule = json!({ "name": "sealed", "create_access_level": 40 });
    api.maintainer().post(format!("/api/v4/projects/{}/protected_tags", api.project)).json(rule).send().status(201);
    let put = |caller: &Caller, tag: &str| caller.put(format!("{}/immutable", api.release_address(tag))).send();
    for caller in [api.anonymous(), api.guest(), api.reporter()] {
        put(&caller, "v1.7.0").is(403, FORBIDDEN);
        put(&caller, "v9").is(403, FORBIDDEN);
    }
    put(&api.developer(), "sealed").is(403, FORBIDDEN);
    put(&api.developer(), "v9").is(404, r#"{"message":"404 Not Found"}"#);
    put(&api.maintainer(), "sealed").status(200);
    let hidden = Api::private();
    let absent = r#"{"message":"404 Project Not Found"}"#;
    hidden.stranger().put(format!("{}/immutable", hidden.release_address("v1.7.0"))).send().is(404, absent);
}

/// Every write that would change a link, its order or the date of the release `v1.7.0`.
fn changes(frozen: &Frozen, caller: &Caller) -> Vec<(&'static str, Request)> {
    let Frozen { api, first, second } = frozen;
    let release = api.release_address("v1.7.0");
    let url = |name: &str| format!("https://example.com/{name}");
    let post = |body: Value| caller.post(api.links()).json(body);
    let put = |body: Value| caller.put(api.link(*first)).json(body);
    let patch = |body: Value| caller.request("PATCH", api.link(*first)).json(body);
    let manifest = |body: Value| caller.put(api.manifest()).json(body);
    let sent_again = |links: Value| {
        let body = json!({ "tag_name": "v1.7.0", "on_conflict": "replace", "assets": { "links": links } });
        caller.post(api.releases()).json(body)
    };
    let whole = |id: &u64, name: &str, path: Value, kind: &str| json!({ "id": id, "name": name, "url": url(name), "direct_asset_path": path, "link_type": kind });
    let (one, two) =
        (whole(first, "first", json!("/bin/first"), "package"), whole(second, "second", Value::Null, "other"));
    vec![
        ("a new link", post(json!({ "name": "new", "url": url("new") }))),
        ("a new link, kept", post(json!({ "name": "new", "url": url("new"), "on_conflict": "keep" }))),
        ("a new link, replacing", post(json!({ "name": "new", "url": url("new"), "on_conflict": "replace" }))),
        ("a plain duplicate", post(Frozen::first())),
        ("a link whose url another has", post(json!({ "name": "new", "url": url("first") }))),
        ("a link that breaks rules", post(json!({ "name": "", "url": "x" }))),
        ("another url", post(json!({ "name": "first", "url": url("new"), "on_conflict": "replace" }))),
        ("a url of another", post(json!({ "name": "first", "url": url("second"), "on_conflict": "replace" }))),
        (
            "another path",
            post(json!({ "name": "first", "url": url("first"), "filepath": "/bin/new", "on_conflict": "replace" })),
        ),
        ("PUT of a name", put(json!({ "name": "renamed" }))),
        ("PUT of a url", put(json!({ "url": url("new") }))),
        ("PUT of a taken name", put(json!({ "name": "second" }))),
        ("PUT of a blank name", put(json!({ "name": "" }))),
        ("PUT without the path", put(json!({ "name": "first", "filepath": null }))),
        ("PUT of a type", put(json!({ "name": "first", "link_type": "other" }))),
        ("PUT with a false precondition", put(json!({ "name": "renamed" })).header("If-Match", "\"x\"")),
        ("PATCH of a type", patch(json!({ "link_type": "image" }))),
        ("PATCH without the path", patch(json!({ "direct_asset_path": null }))),
        ("a merge patch", patch(json!({ "name": "renamed" }))),
        ("DELETE of a link", caller.delete(api.link(*second))),
        ("DELETE with a false precondition", caller.delete(api.link(*second)).header("If-Match", "\"x\"")),
        ("an empty manifest", manifest(json!({ "links": [] }))),
        ("a manifest without one", manifest(json!({ "links": [one] }))),
        ("a manifest in another order", manifest(json!({ "links": [one, two] }))),
        (
            "a manifest with one more",
            manifest(json!({ "links": [{ "name": "new", "url": url("new") }], "prune": false })),
        ),
        ("a manifest that swaps names", {
            let (mut one, mut two) = (one.clone(), two.clone());
            (one["name"], two["name"]) = (json!("second"), json!("first"));
            manifest(json!({ "links": [two, one] }))
        }),
        ("a dry run", caller.put(api.manifest() + "?dry_run=true").json(json!({ "links": [] }))),
        ("a manifest with a false precondition", manifest(json!({ "links": [] })).header("If-Match", "\"x\"")),
        ("the release with another link", sent_again(json!([{ "name": "new", "url": url("new") }]))),
        ("the release with another url", sent_again(json!([{ "name": "first", "url": url("new") }]))),
        ("the release with a link that breaks rules", sent_again(json!([{ "name": "new", "url": "x" }]))),
        (
            "the release at another time",
            caller
                .post(api.releases())
                .json(json!({ "tag_name": "v1.7.0", "on_conflict": "replace", "released_at": "2001-01-01" })),
        ),
        ("PUT of released_at", caller.put(&release).json(json!({ "released_at": "2001-01-01" }))),
        (
            "PUT of released_at and a name",
            caller.put(&release).json(json!({ "released_at": "2001-01-01", "name": "renamed" })),
        ),
    ]
}

#[test]
fn every_way_of_changing_links_or_the_date_is_403_to_everybody_and_changes_nothing() {
    let frozen = Frozen::new();
    let before = frozen.everything();
    let Frozen { api, .. } = &frozen;
    for caller in [api.developer(), api.maintainer(), api.owner(), api.admin()] {
        for (what, request) in changes(&frozen, &caller) {
            let answer = request.send();
            assert_eq!((answer.status, answer.text.as_str()), (403, IMMUTABLE), "{what}");
        }
    }
    for (what, request) in changes(&frozen, &api.guest()) {
        let answer = request.send();
        assert_eq!((answer.status, answer.text.as_str()), (403, FORBIDDEN), "{what}");
    }
    assert_eq!(frozen.everything(), before);
}

#[test]
fn the_parameter_layer_and_what_is_missing_come_before_immutable() {
    let Frozen { api, .. } = Frozen::new();
    let developer = api.developer();
    developer.post(api.links()).json(json!({ "name": "new" })).send().is_error("url is missing");
    developer.delete(api.link(999_999_999)).send().is(404, NOT_FOUND);
    let broken = json!({ "links": [{ "name": "new" }] });
    developer.put(api.manifest()).json(broken).send().is_error("links[0][url] is missing");
    developer.put(api.link(1)).json("{").send().is(400, r#"{"error":"400 Bad Request"}"#);
    let at = json!({ "released_at": "x" });
    developer.put(api.release_address("v1.7.0")).json(at).send().is_error("released_at is invalid");
}

#[test]
fn a_write_that_changes_nothing_is_200() {
    let frozen = Frozen::new();
    let Frozen { api, first, .. } = &frozen;
    let before = frozen.everything();
    let developer = api.developer();
    let mut again = Frozen::first();
    for (on_conflict, outcome) in [("keep", "kept"), ("replace", "unchanged")] {
        again["on_conflict"] = json!(on_conflict);
        let answer = developer.post(api.links()).json(&again).send().status(200);
        assert_eq!(answer.header("x-release-links"), Some(outcome));
    }
    let differs = json!({ "name": "first", "url": "https://example.com/new", "on_conflict": "keep" });
    let kept = developer.post(api.links()).json(differs).send().status(200);
    assert_eq!(kept.header("x-release-links"), Some("kept"));
    developer.put(api.link(*first)).json(Frozen::first()).send().status(200);
    developer.put(api.link(*first)).json(json!({ "name": "first" })).send().status(200);
    for body in [json!({}), json!({ "link_type": "package", "digest": null })] {
        developer.request("PATCH", api.link(*first)).json(body).send().status(200);
    }
    let manifest = api.guest().get(api.manifest()).send().status(200).text;
    let applied = developer.put(api.manifest()).json(manifest).send().status(200).json();
    assert_eq!(applied["changes"]["unchanged"], json!(["first", "second"]));
    let released_at = api.guest().get(api.release_address("v1.7.0")).send().json()["released_at"].clone();
    let same = json!({ "released_at": released_at });
    developer.put(api.release_address("v1.7.0")).json(&same).send().status(200);
    for on_conflict in ["keep", "replace"] {
        let release = json!({ "tag_name": "v1.7.0", "on_conflict": on_conflict, "released_at": released_at,
            "assets": { "links": [Frozen::first()] } });
        developer.post(api.releases()).json(release).send().status(200);
    }
    assert_eq!(frozen.everything(), before);
}

#[test]
fn the_name_the_description_and_channels_may_change() {
    let Frozen { api, .. } = Frozen::new();
    let sent = json!({ "name": "Renamed", "description": "Corrected." });
    let changed = api.developer().put(api.release_address("v1.7.0")).json(sent).send().status(200).json();
    assert_eq!((&changed["name"], &changed["description"]), (&json!("Renamed"), &json!("Corrected.")));
    assert_eq!(changed["immutable"], true);
    let sent = json!({ "tag_name": "v1.7.0", "on_conflict": "replace", "description": "Again." });
    let replaced = api.developer().post(api.releases()).json(sent).send().status(200);
    assert_eq!(replaced.header("x-release-links"), Some("replaced"));
    let channel = format!("/api/v4/projects/{}/release_channels/stable", api.project);
    let pointed = json!({ "tag_name": "v1.7.0" });
    api.developer().put(&channel).json(pointed).send().status(201);
    api.developer().delete(channel).send().status(200);
}

#[test]
fn a_digest_or_size_that_is_missing_may_be_added_but_not_changed() {
    let Frozen { api, first, second } = Frozen::new();
    let developer = api.developer();
    let put = |id: u64, body: Value| developer.put(api.link(id)).json(body).send();
    let patch = |id: u64, body: Value| developer.request("PATCH", api.link(id)).json(body).send();
    put(first, json!({ "name": "first", "digest": sha256("a") })).status(200);
    patch(first, json!({ "size": 7 })).status(200);
    let sent = json!({ "name": "second", "url": "https://example.com/second", "digest": sha256("b"),
        "on_conflict": "replace" });
    let replaced = developer.post(api.links()).json(sent).send().status(200);
    assert_eq!(replaced.header("x-release-links"), Some("replaced"));
    let mut manifest = api.guest().get(api.manifest()).send().json();
    manifest["links"][0]["size"] = json!(9);
    let applied = developer.put(api.manifest()).json(&manifest).send().status(200).json();
    assert_eq!(applied["changes"]["updated"], json!(["second"]));
    for (id, body) in [
        (first, json!({ "digest": sha256("c") })),
        (first, json!({ "size": 8 })),
        (first, json!({ "digest": null })),
        (second, json!({ "size": null })),
        (second, json!({ "size": 9, "link_type": "image" })),
    ] {
        patch(id, body).is(403, IMMUTABLE);
    }
    patch(first, json!({ "digest": sha256("a").to_uppercase(), "size": "7" })).status(200);
    let url = json!({ "url": "https://example.com/new", "digest": sha256("a"), "size": 7 });
    put(first, url).is(403, IMMUTABLE);
    let links = api.guest().get(api.links()).send().json();
    let known = |position: usize| (links[position]["digest"].clone(), links[position]["size"].clone());
    assert_eq!([known(0), known(1)], [(json!(sha256("b")), json!(9)), (json!(sha256("a")), json!(7))]);
}

#[test]
fn only_owners_and_administrators_delete_it_and_its_tag_is_used_up() {
    let api = Api::public();
    api.release("v2");
    let target = api.release_address("v1.7.0");
    for tag in ["v1.7.0", "v2"] {
        api.freeze(tag);
    }
    for caller in [api.developer(), api.maintainer()] {
        caller.delete(&target).send().is(403, IMMUTABLE);
        caller.delete(&target).header("If-Match", "\"x\"").send().is(403, IMMUTABLE);
    }
    api.guest().delete(&target).send().is(403, FORBIDDEN);
    let owner = api.owner();
    owner.delete(&target).header("If-Match", "\"x\"").send().status(412);
    assert_eq!(owner.delete(&target).send().status(200).json()["immutable"], true);
    api.admin().delete(api.release_address("v2")).send().status(200);
    let tag = format!("/api/v4/projects/{}/repository/tags/v1.7.0", api.project);
    api.maintainer().delete(tag).send().status(204);
    for tag in ["v1.7.0", "v2"] {
        for on_conflict in ["fail", "keep", "replace"] {
            let draft = json!({ "tag_name": tag, "on_conflict": on_conflict });
            for caller in [api.developer(), api.admin()] {
                caller.post(api.releases()).json(&draft).send().is(409, USED_UP);
            }
            api.guest().post(api.releases()).json(&draft).send().is(403, FORBIDDEN);
        }
    }
    for tag in ["V1.7.0", "v1.7.0-1"] {
        api.post_release(tag).status(201);
    }
    let elsewhere = Api::public();
    elsewhere.developer().delete(elsewhere.release_address("v1.7.0")).send().status(200);
    elsewhere.post_release("v1.7.0").status(201);
}

#[test]
fn a_tag_stays_used_up_under_every_path_that_led_to_the_release() {
    let api = Api::public();
    let project = format!("/api/v4/projects/{}", api.project);
    let (group, _) = api.path.split_once('/').unwrap();
    let namespace = api.admin().get(&project).send().json()["namespace"]["id"].clone();
    let rename = |path: &str| {
        api.admin().put(&project).json(json!({ "path": path })).send().status(200);
    };
    rename("second");
    api.freeze("v1.7.0");
    api.owner().delete(api.release_address("v1.7.0")).send().status(200);
    // This path never led to the release.
    rename("third");
    let make = |path: &str| {
        let draft = json!({ "name": path, "path": path, "namespace_id": namespace, "visibility": "public" });
        api.admin().post("/api/v4/projects").json(draft).send().status(201).id()
    };
    let post = |id: u64| {
        let releases = format!("/api/v4/projects/{id}/releases");
        api.admin().post(releases).json(json!({ "tag_name": "v1.7.0" })).send()
    };
    post(api.project).is(409, USED_UP);
    for path in ["hello", "second"] {
        post(make(path)).is(409, USED_UP);
    }
    post(make("fourth")).status(201);
    rename("fifth");
    post(api.project).is(409, USED_UP);
    post(make("third")).status(201);
    let lower = encoded(&format!("{group}/HELLO").to_uppercase());
    let releases = format!("/api/v4/projects/{lower}/releases");
    api.admin().post(releases).json(json!({ "tag_name": "v1.7.0" })).send().is(409, USED_UP);
}

#[test]
fn a_tag_stays_used_up_when_its_project_or_the_group_above_is_deleted() {
    for deletes_the_group in [false, true] {
        let api = Api::public();
        api.release("plain");
        api.freeze("v1.7.0");
        let admin = api.admin();
        let project = format!("/api/v4/projects/{}", api.project);
        let group = admin.get(&project).send().json()["namespace"]["id"].as_u64().unwrap();
        let (path, _) = api.path.split_once('/').unwrap();
        let group = if deletes_the_group {
            admin.delete(format!("/api/v4/groups/{group}")).send().status(202);
            let draft = json!({ "name": path, "path": path, "visibility": "public" });
            admin.post("/api/v4/groups").json(draft).send().status(201).id()
        } else {
            admin.delete(project).send().status(202);
            group
        };
        let draft = json!({ "name": "hello", "path": "hello", "namespace_id": group });
        let project = admin.post("/api/v4/projects").json(draft).send().status(201).id();
        let post = |tag: &str| {
            let releases = format!("/api/v4/projects/{project}/releases");
            admin.post(releases).json(json!({ "tag_name": tag })).send()
        };
        post("v1.7.0").is(409, USED_UP);
        post("plain").status(201);
    }
}

#[test]
fn a_project_that_moves_takes_its_immutable_release_along() {
    let frozen = Frozen::new();
    let Frozen { api, .. } = &frozen;
    let old = format!("/{}/-/releases/v1.7.0/downloads/bin/first", api.path);
    let elsewhere = Api::public();
    let namespace =
        api.admin().get(format!("/api/v4/projects/{}", elsewhere.project)).send().json()["namespace"]["id"].clone();
    let project = format!("/api/v4/projects/{}", api.project);
    api.admin().put(&project).json(json!({ "path": "moved" })).send().status(200);
    let transfer = json!({ "namespace": namespace });
    api.admin().put(format!("{project}/transfer")).json(transfer).send().status(200);
    for (what, request) in changes(&frozen, &api.admin()) {
        let answer = request.send();
        assert_eq!((answer.status, answer.text.as_str()), (403, IMMUTABLE), "{what}");
    }
    let answer = api.guest().get(old).send().status(302);
    assert_eq!(answer.header("location"), Some("https://example.com/first"));
}

#[test]
fn the_state_at_the_lock_is_the_state_for_ever_whoever_races_it() {
    const WRITERS: usize = 200;
    let api = Api::public();
    let developer = api.developer();
    let link = api.add("link", "https://example.com/0");
    let lock = developer.put(format!("{}/immutable", api.release_address("v1.7.0")));
    let mut requests: Vec<Request> = (1..=WRITERS)
        .map(|n| {
            let url = format!("https://example.com/{n}");
            if n.is_multiple_of(2) {
                developer.post(api.links()).json(json!({ "name": n, "url": url }))
            } else {
                developer.put(api.link(link)).json(json!({ "url": url }))
            }
        })
        .collect();
    requests.insert(WRITERS / 2, lock);
    let mut answers = at_once(requests);
    let locked = answers.remove(WRITERS / 2).status(200).json();
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 201) || answer.text == IMMUTABLE, "{answer:?}");
    }
    let links = api.guest().get(api.release_address("v1.7.0")).send().status(200).json()["assets"].clone();
    assert_eq!(links, locked["assets"]);
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(links["count"], created + 1);
}
