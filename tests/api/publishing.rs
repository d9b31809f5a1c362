//! docs/contract.md, "Link endpoints": `on_conflict`, so that a job that publishes may run again.

use serde_json::{Value, json};

use crate::digests::sha256;
use crate::harness::{Api, Response, at_once};

impl Api {
    #[track_caller]
    fn send(&self, on_conflict: &str, mut link: Value) -> Response {
        link["on_conflict"] = json!(on_conflict);
        self.create(&link)
    }
}

fn outcome(answer: &Response) -> &str {
    answer.header("x-release-links").expect("every 200 and 201 says what became of the link")
}

#[test]
fn a_link_that_is_new_is_created_whatever_the_conflict_would_be() {
    let api = Api::public();
    for (number, word) in ["fail", "keep", "replace"].into_iter().enumerate() {
        let made = api.send(word, json!({ "name": word, "url": format!("http://{number}") })).status(201);
        assert_eq!(outcome(&made), "created");
    }
    let plain = api.create(&json!({ "name": "plain", "url": "http://plain" })).status(201);
    assert_eq!(outcome(&plain), "created");
    let null = api.create(&json!({ "name": "null", "url": "http://null", "on_conflict": null })).status(201);
    assert_eq!(outcome(&null), "created");
}

#[test]
fn keep_answers_200_with_the_link_that_is_there() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    api.add("b", "http://b");
    let before = api.snapshot();
    for again in [
        json!({ "name": "a", "url": "http://c" }),
        json!({ "name": "a", "url": "http://b" }),
        json!({ "name": "c", "url": "http://c", "filepath": "/bin/a" }),
    ] {
        let kept = api.send("keep", again);
        kept.is(200, &made.text);
        assert_eq!((outcome(&kept), kept.header("etag")), ("kept", made.header("etag")));
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn replace_changes_the_link_in_place_and_is_unchanged_the_second_time() {
    let api = Api::public();
    let first =
        json!({ "name": "a", "url": "http://a", "filepath": "/bin/a", "link_type": "image", "digest": sha256("a") });
    let id = api.create(&first).status(201).id();
    let again = json!({ "name": "a", "url": "http://b.example", "size": 7 });
    let replaced = api.send("replace", again.clone()).status(200);
    let link = replaced.json();
    let told = ["id", "url", "link_type", "digest", "size"].map(|key| link[key].clone());
    assert_eq!(told, [json!(id), json!("http://b.example"), json!("image"), Value::Null, json!(7)]);
    assert_eq!(outcome(&replaced), "replaced");
    let unchanged = api.send("replace", again);
    unchanged.is(200, &replaced.text);
    assert_eq!(outcome(&unchanged), "unchanged");
    let target = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    let redirect = api.guest().get(target).send().status(302);
    assert_eq!(redirect.header("location"), Some("http://b.example"));
    let form = "name=a&url=http://c.example&on_conflict=replace";
    assert_eq!(outcome(&api.developer().post(api.links()).form(form).send().status(200)), "replaced");
}

#[test]
fn what_a_second_link_has_is_refused_and_nothing_is_written() {
    let api = Api::public();
    let a = api.add("a", "http://a");
    api.add("b", "http://b");
    let before = api.snapshot();
    api.send("replace", json!({ "name": "a", "url": "http://b" })).is_invalid(&["Url has already been taken"]);
    for word in ["keep", "replace"] {
        let refused = api.send(word, json!({ "name": "c", "url": "http://a" }));
        refused.is_invalid(&["Url has already been taken"]);
        assert_eq!(refused.json()["taken_by"]["url"]["id"], a.to_string());
        let faulty = json!({ "name": "a", "url": "http://b", "filepath": "x" });
        let both = ["Url has already been taken", "Filepath is in an invalid format"];
        api.send(word, faulty).is_invalid(&both);
    }
    let all = ["Url has already been taken", "Name has already been taken"];
    api.send("fail", json!({ "name": "a", "url": "http://b" })).is_invalid(&all);
    assert_eq!(api.snapshot(), before);
}

#[test]
fn another_word_is_refused_after_the_faults_of_the_other_parameters() {
    let api = Api::public();
    for word in ["", "Keep", "update", "0"] {
        let refused = api.send(word, json!({ "name": "a", "url": "http://a" }));
        refused.is_error("on_conflict does not have a valid value");
    }
    let both = api.send("x", json!({ "name": "a", "url": "http://a", "size": "x" }));
    both.is_error("size is invalid, on_conflict does not have a valid value");
    api.send("replace", json!({})).is_error("name is missing, url is missing");
    let release =
        json!({ "tag_name": "v2", "assets": { "links": [{ "name": "a", "url": "http://a", "on_conflict": "x" }] } });
    api.developer().post(api.releases()).json(release).send().status(201);
    assert_eq!(api.snapshot(), "[]");
}

#[test]
fn who_may_not_write_may_not_send_a_link_again() {
    let api = Api::public();
    api.add("a", "http://a");
    for word in ["keep", "replace"] {
        let again = json!({ "name": "a", "url": "http://a", "on_conflict": word });
        api.guest().post(api.links()).json(again).send().is(403, r#"{"message":"403 Forbidden"}"#);
    }
}

#[test]
fn while_64_writers_replace_a_link_its_permanent_address_leads_to_one_of_their_values() {
    let api = Api::public();
    let url = |n: usize| format!("http://{n}.example");
    api.create(&json!({ "name": "a", "url": url(0), "filepath": "/bin/a" })).status(201);
    let (developer, guest) = (api.developer(), api.guest());
    let target = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    let replace =
        |n: usize| developer.post(api.links()).json(json!({ "name": "a", "url": url(n), "on_conflict": "replace" }));
    let requests = (1..=64).flat_map(|n| [replace(n), guest.get(&target)]).collect();
    let answers = at_once(requests);
    let values: Vec<String> = (0..=64).map(url).collect();
    for pair in answers.chunks(2) {
        assert_eq!(pair[0].status, 200, "{:?}", pair[0]);
        let location = pair[1].header("location").unwrap_or_default();
        assert!(pair[1].status == 302 && values.iter().any(|value| value == location), "{:?}", pair[1]);
    }
    assert_eq!(api.guest().get(api.links()).send().header("x-total"), Some("1"));
}

#[test]
fn keep_from_64_sides_makes_one_link() {
    let api = Api::public();
    let developer = api.developer();
    let keep = |n: usize| {
        let link = json!({ "name": "a", "url": format!("http://{n}"), "on_conflict": "keep" });
        developer.post(api.links()).json(link)
    };
    let answers = at_once((0..64).map(keep).collect());
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    for kept in answers.iter().filter(|answer| answer.status != 201) {
        kept.is(200, &made[0].text);
    }
}

/// Sets what the project does about a link that is sent again.
fn set(api: &Api, word: &Value) -> Response {
    api.maintainer().put(format!("/api/v4/projects/{}", api.project)).json(json!({ "links_on_conflict": word })).send()
}

#[test]
fn a_link_without_on_conflict_is_treated_as_the_project_says() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let again = || api.create(&json!({ "name": "a", "url": "http://b.example" }));
    let null = || api.create(&json!({ "name": "a", "url": "http://c.example", "on_conflict": null }));
    again().is_invalid(&["Name has already been taken"]);
    set(&api, &json!("keep")).status(200);
    assert_eq!((outcome(&again().status(200)), outcome(&null().status(200))), ("kept", "kept"));
    set(&api, &json!("replace")).status(200);
    let replaced = again().status(200);
    assert_eq!((outcome(&replaced), replaced.id()), ("replaced", id));
    assert_eq!(outcome(&null().status(200)), "replaced");
    api.send("fail", json!({ "name": "a", "url": "http://b.example" })).is_invalid(&["Name has already been taken"]);
    let form = api.developer().post(api.links()).form("name=a&url=http://d.example&on_conflict=").send();
    form.is_error("on_conflict does not have a valid value");
    // A link within a release that is created has no other to clash with but those of the request.
    let twice = json!([{ "name": "x", "url": "http://x" }, { "name": "x", "url": "http://y" }]);
    let release = json!({ "tag_name": "v2", "assets": { "links": twice } });
    api.developer().post(api.releases()).json(release).send().status(400);
    set(&api, &json!("fail")).status(200);
    again().is_invalid(&["Name has already been taken"]);
}

#[test]
fn a_project_shows_what_it_does_about_links_that_are_sent_again_unless_it_refuses_them() {
    let api = Api::public();
    let shown =
        || api.guest().get(format!("/api/v4/projects/{}", api.project)).send().json()["links_on_conflict"].clone();
    assert_eq!(shown(), Value::Null);
    for word in ["keep", "replace"] {
        assert_eq!(set(&api, &json!(word)).status(200).json()["links_on_conflict"], word);
        set(&api, &Value::Null).status(200);
        assert_eq!(shown(), word);
    }
    for word in ["", "Keep", "update"] {
        set(&api, &json!(word)).is_error("links_on_conflict does not have a valid value");
    }
    assert_eq!(shown(), "replace");
    let target = format!("/api/v4/projects/{}", api.project);
    let developer = api.developer().put(&target).json(json!({ "links_on_conflict": "keep" })).send();
    developer.is(403, r#"{"message":"403 Forbidden"}"#);
    assert!(!set(&api, &json!("fail")).status(200).text.contains("links_on_conflict"));
    let made = api.admin().post("/api/v4/projects").json(json!({ "name": "n", "links_on_conflict": "keep" })).send();
    assert!(!made.status(201).text.contains("links_on_conflict"));
}
