//! docs/contract.md, "Releases": `on_conflict` of POST, for a release that is sent again.

use serde_json::{Value, json};

use crate::digests::sha256;
use crate::harness::{Api, Response, at_once};

const TAG: &str = "v1.7.0";

impl Api {
    /// POSTs a release, of the project's tag unless it names another.
    #[track_caller]
    fn publish(&self, on_conflict: &str, mut release: Value) -> Response {
        release["on_conflict"] = json!(on_conflict);
        release["tag_name"] = release.get("tag_name").cloned().unwrap_or(json!(TAG));
        self.developer().post(self.releases()).json(release).send()
    }

    fn now(&self) -> Response {
        self.guest().get(format!("{}/{TAG}", self.releases())).send().status(200)
    }
}

fn outcome(answer: &Response) -> &str {
    answer.header("x-release-links").expect("every 200 and 201 says what became of the release")
}

fn failed(words: &str) -> String {
    json!({ "message": format!("Validation failed: {words}") }).to_string()
}

fn assets(links: &Value) -> Value {
    json!({ "assets": { "links": links } })
}

#[test]
fn a_release_that_is_new_is_created_whatever_the_conflict_would_be() {
    let api = Api::public();
    for word in ["fail", "keep", "replace"] {
        let links = json!([{ "name": "a", "url": "http://a" }]);
        let made =
            api.publish(word, json!({ "tag_name": word, "ref": "main", "assets": { "links": links } })).status(201);
        assert_eq!((outcome(&made), made.json()["assets"]["count"].as_u64()), ("created", Some(1)));
    }
    let plain = api.developer().post(api.releases()).json(json!({ "tag_name": "plain" })).send().status(201);
    assert_eq!(outcome(&plain), "created");
}

#[test]
fn fail_is_the_default_whatever_the_project_does_about_links() {
    let api = Api::public();
    let setting = json!({ "links_on_conflict": "replace" });
    api.maintainer().put(format!("/api/v4/projects/{}", api.project)).json(setting).send().status(200);
    let taken = r#"{"message":"Release already exists"}"#;
    api.publish("fail", json!({})).is(409, taken);
    for absent in [json!({ "tag_name": TAG }), json!({ "tag_name": TAG, "on_conflict": null })] {
        api.developer().post(api.releases()).json(absent).send().is(409, taken);
    }
}

#[test]
fn keep_answers_200_with_the_release_as_it_is_and_looks_at_nothing_else() {
    let api = Api::public();
    api.add("a", "http://a");
    let before = api.now();
    for sent in [
        json!({}),
        json!({ "name": "New", "description": "new", "ref": "main", "released_at": "2034-01-01" }),
        json!({ "milestones": ["m"], "name": "x".repeat(256) }),
        assets(&json!([{ "name": "", "url": "x" }, { "name": "a", "url": "http://b" }])),
        assets(&json!((0..1_001).map(|n| json!({ "name": n, "url": "x" })).collect::<Vec<_>>())),
    ] {
        let kept = api.publish("keep", sent);
        kept.is(200, &before.text);
        assert_eq!((outcome(&kept), kept.header("etag")), ("kept", before.header("etag")));
    }
    // But for the parameters themselves.
    api.publish("keep", assets(&json!([{ "name": "a" }]))).is_error("assets[links][0][url] is missing");
    assert_eq!(api.now().text, before.text);
}

#[test]
fn replace_writes_what_is_sent_and_is_unchanged_the_second_time() {
    let api = Api::public();
    let first = json!({
        "name": "a", "url": "http://a", "filepath": "/bin/a", "link_type": "image", "digest": sha256("a"), "size": 1,
    });
    let id = api.create(&first).status(201).id();
    let b = api.add("b", "http://b");
    let sent = json!({
        "name": "Seven", "description": "# New", "released_at": "2034-05-06T07:08:09.5Z",
        "assets": { "links": [
            { "name": "a", "url": "http://new.example", "size": 7 }, { "name": "b", "url": "http://b" },
            { "name": "c", "url": "http://c", "direct_asset_path": "/bin/c" },
        ] },
    });
    let replaced = api.publish("replace", sent.clone()).status(200);
    assert_eq!(outcome(&replaced), "replaced");
    let release = replaced.json();
    let told = ["name", "tag_name", "description", "released_at"].map(|key| release[key].as_str().unwrap());
    assert_eq!(told, ["Seven", TAG, "# New", "2034-05-06T07:08:09.500Z"]);
    let links = release["assets"]["links"].as_array().unwrap();
    let shown: Vec<_> = links.iter().map(|link| (link["name"].as_str().unwrap(), link["id"].as_u64())).collect();
    assert_eq!(shown, [("c", links[0]["id"].as_u64()), ("b", Some(b)), ("a", Some(id))]);
    let told = ["url", "link_type", "digest", "size"].map(|key| links[2][key].clone());
    assert_eq!(told, [json!("http://new.example"), json!("image"), Value::Null, json!(7)]);
    let target = format!("/{}/-/releases/{TAG}/downloads/bin/a", api.path);
    assert_eq!(api.guest().get(target).send().status(302).header("location"), Some("http://new.example"));
    let again = api.publish("replace", sent);
    again.is(200, &replaced.text);
    assert_eq!((outcome(&again), again.header("etag")), ("unchanged", replaced.header("etag")));
    assert_eq!(api.now().text, replaced.text);
}

#[test]
fn what_is_not_sent_stays_and_null_is_what_it_is_in_a_put() {
    let api = Api::public();
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let made = json!({ "tag_name": "v2", "name": "Two", "description": "two", "ref": sha, "tag_message": "signed" });
    let made = api.publish("fail", made).status(201);
    let nothing = api.publish("replace", json!({ "tag_name": "v2", "unknown": 1 }));
    nothing.is(200, &made.text);
    assert_eq!(outcome(&nothing), "unchanged");
    let others =
        json!({ "tag_name": "v2", "ref": "main", "tag_message": "other", "released_at": null, "milestones": [] });
    api.publish("replace", others).is(200, &made.text);
    let tag = api.guest().get(format!("{}/v2", api.tags())).send().status(200).json();
    assert_eq!((&tag["message"], &tag["target"]), (&json!("signed"), &json!(sha)));
    let cleared =
        api.publish("replace", json!({ "tag_name": "v2", "name": null, "description": null })).status(200).json();
    assert_eq!((&cleared["name"], &cleared["description"]), (&json!("v2"), &Value::Null));
    let form = "tag_name=v2&name=Form&on_conflict=replace&assets[links][][name]=a&assets[links][][url]=http://a";
    let form = api.developer().post(api.releases()).form(form).send().status(200);
    assert_eq!((form.json()["name"].as_str(), form.json()["assets"]["count"].as_u64()), (Some("Form"), Some(1)));
}

#[test]
fn what_does_not_hold_is_refused_as_in_a_new_release_and_nothing_is_written() {
    let api = Api::public();
    for name in ["a", "b"] {
        api.add(name, &format!("http://{name}"));
    }
    let before = api.now().text;
    let link = |name: &str, url: &str| json!({ "name": name, "url": url });
    for (links, faults) in [
        (json!([link("c", "http://c"), link("a", "http://b")]), "Links url has already been taken"),
        (json!([link("c", "http://a"), link("d", "http://b")]), "Links url has already been taken"),
        (
            json!([link("a", "x"), link("b", "http://a"), { "name": "c", "url": "http://c", "filepath": "" }]),
            "Links url is blocked: Only allowed schemes are http, https, ftp, Links url has already been taken, \
             Links filepath is in an invalid format",
        ),
        (json!([link("a", "http://c"), link("a", "http://d")]), "Links have duplicate values (a)"),
    ] {
        let mut sent = assets(&links);
        sent["description"] = json!("new");
        api.publish("replace", sent).is(400, &failed(faults));
    }
    let long = json!({ "name": "x".repeat(256), "milestones": ["m"] });
    api.publish("replace", long).is(400, r#"{"message":"Milestone(s) not found: m"}"#);
    let long = json!({ "name": "x".repeat(256), "assets": { "links": [link("", "")] } });
    api.publish("replace", long).is(400, r#"{"message":["Name is too long (maximum is 255 characters)"]}"#);
    let many: Vec<_> = (0..999).map(|n| link(&format!("n{n}"), &format!("http://n{n}"))).collect();
    api.publish("replace", assets(&json!(many))).is(400, &failed("Links are too many (maximum is 1000)"));
    assert_eq!(api.now().text, before);
    let swapped = assets(&json!([link("a", "http://c"), link("b", "http://a")]));
    assert_eq!(outcome(&api.publish("replace", swapped).status(200)), "replaced");
}

#[test]
fn another_word_is_refused_after_the_faults_of_the_other_parameters() {
    let api = Api::public();
    for word in ["", "Keep", "update", "0"] {
        api.publish(word, json!({})).is_error("on_conflict does not have a valid value");
    }
    let both = api.publish("x", json!({ "released_at": "x" }));
    both.is_error("released_at is invalid, on_conflict does not have a valid value");
}

#[test]
fn who_may_not_write_may_not_send_a_release_again() {
    let api = Api::public();
    let forbidden = r#"{"message":"403 Forbidden"}"#;
    for word in ["keep", "replace"] {
        let again = json!({ "tag_name": TAG, "on_conflict": word, "milestones": ["m"] });
        for caller in [api.guest(), api.reporter(), api.stranger()] {
            caller.post(api.releases()).json(&again).send().is(403, forbidden);
        }
        let private = Api::private();
        let missing = private.stranger().post(private.releases()).json(again).send();
        missing.is(404, r#"{"message":"404 Project Not Found"}"#);
    }
}

#[test]
fn a_protected_tag_protects_its_release_from_being_sent_again() {
    let api = Api::public();
    let rule = json!({ "name": "v1*", "create_access_level": 40 });
    api.maintainer().post(format!("/api/v4/projects/{}/protected_tags", api.project)).json(rule).send().status(201);
    for word in ["keep", "replace"] {
        api.publish(word, json!({ "name": "x" })).is(403, r#"{"message":"403 Forbidden"}"#);
    }
}

#[test]
fn of_64_jobs_that_replace_one_release_each_writes_all_of_it() {
    let api = Api::public();
    let (developer, guest) = (api.developer(), api.guest());
    let url = |n: usize| format!("http://{n}.example");
    let link = |n: usize| json!({ "name": "a", "url": url(n), "filepath": "/bin/a" });
    let replace = |n: usize| {
        let links = json!([link(n), { "name": "b", "url": format!("{}/b", url(n)) }]);
        let release =
            json!({ "tag_name": "v2", "name": n.to_string(), "on_conflict": "replace", "assets": { "links": links } });
        developer.post(api.releases()).json(release)
    };
    let answers = at_once((0..64).map(replace).collect());
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    for answer in &answers {
        let release = answer.json();
        let n: usize = release["name"].as_str().unwrap().parse().unwrap();
        let urls = [0, 1].map(|at| release["assets"]["links"][at]["url"].as_str().unwrap().to_owned());
        assert_eq!(urls, [format!("{}/b", url(n)), url(n)]);
        assert_eq!(outcome(answer), if answer.status == 201 { "created" } else { "replaced" });
    }
    let last = guest.get(format!("{}/v2", api.releases())).send().status(200);
    assert!(answers.iter().any(|answer| answer.text == last.text), "{last:?}");
}

#[test]
fn keep_from_64_sides_makes_one_release() {
    let api = Api::public();
    let developer = api.developer();
    let keep = |n: usize| {
        let release = json!({ "tag_name": "v2", "name": n.to_string(), "on_conflict": "keep" });
        developer.post(api.releases()).json(release)
    };
    let answers = at_once((0..64).map(keep).collect());
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    for kept in answers.iter().filter(|answer| answer.status != 201) {
        kept.is(200, &made[0].text);
        assert_eq!(outcome(kept), "kept");
    }
}
