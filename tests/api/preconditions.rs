//! docs/contract.md, "Permissions": writes that are done only to the state that the client knows.

use serde_json::{Value, json};

use crate::harness::{Api, Request, Response, at_once};

const FAILED: &str = r#"{"message":"412 Precondition Failed"}"#;
const MALFORMED: &str = r#"{"error":"400 Bad Request"}"#;

fn tag(answer: &Response) -> String {
    answer.header("etag").expect("an ETag").to_owned()
}

impl Api {
    /// Every conditional write to a link and to the release `v1.7.0`.
    fn conditional(&self, id: u64) -> Vec<Request> {
        let (link, release) = (self.link(id), format!("{}/v1.7.0", self.releases()));
        let (by, name) = (self.developer(), json!({ "name": "b" }));
        vec![
            by.put(&link).json(&name),
            by.request("PATCH", &link).json(&name),
            by.delete(&link),
            by.put(&release).json(json!({ "description": "b" })),
            by.delete(&release),
        ]
    }
}

#[test]
fn a_write_whose_precondition_is_false_is_412_with_the_current_tag_and_does_nothing() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let before = api.snapshot();
    let current = tag(&api.guest().get(api.link(id)).send());
    let release = tag(&api.guest().get(format!("{}/v1.7.0", api.releases())).send());
    let weak = format!("W/{current}");
    for (name, value) in [
        ("If-Match", r#""x""#.to_owned()),
        ("If-Match", weak.clone()),
        ("If-Match", format!(r#"W/{release}, "x""#)),
        ("If-None-Match", "*".to_owned()),
        ("If-None-Match", format!(r#""x", {current}, {release}"#)),
        ("If-None-Match", format!("{weak}, W/{release}")),
    ] {
        for request in api.conditional(id) {
            let is_release = !request.target().contains("/assets/");
            let answer = request.header(name, &value).send();
            answer.is(412, FAILED);
            assert_eq!(tag(&answer), if is_release { release.clone() } else { current.clone() }, "{name}: {value}");
        }
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn a_write_whose_precondition_is_true_is_done() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let get = || tag(&api.guest().get(api.link(id)).send().status(200));
    let put = |name: &str, header: (&str, String)| {
        api.developer().put(api.link(id)).json(json!({ "name": name })).header(header.0, header.1).send().status(200)
    };
    let answer = put("b", ("If-Match", get()));
    assert_eq!(tag(&answer), get());
    put("c", ("If-Match", format!(r#""x" , {}"#, get())));
    put("d", ("If-Match", "*".to_owned()));
    put("e", ("If-None-Match", r#""x""#.to_owned()));
    let release = format!("{}/v1.7.0", api.releases());
    let known = tag(&api.guest().get(&release).send());
    let changed =
        api.developer().put(&release).json(json!({ "name": "n" })).header("If-Match", known).send().status(200);
    assert_eq!(tag(&changed), tag(&api.guest().get(&release).send()));
    api.developer().delete(api.link(id)).header("If-Match", get()).send().status(200);
    let known = tag(&api.guest().get(&release).send());
    api.developer().delete(&release).header("If-Match", known).send().status(200);
}

#[test]
fn a_precondition_that_is_empty_or_malformed_is_400_before_anything_else() {
    let api = Api::private();
    let id = api.add("a", "http://a");
    let before = api.snapshot();
    for value in ["", " ", "x", "\"x", "W/x", "*, \"x\"", "\"a\" \"b\""] {
        for name in ["If-Match", "If-None-Match"] {
            for request in api.conditional(id) {
                request.header(name, value).send().is(400, MALFORMED);
            }
            let anonymous = api.anonymous().put(api.link(id)).json(json!({})).header("PRIVATE-TOKEN", "unknown");
            anonymous.header(name, value).send().is(400, MALFORMED);
        }
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn a_precondition_comes_after_the_right_to_write_and_before_invalid_values() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let wrong = ("If-Match", r#""x""#);
    let invalid = json!({ "name": "" });
    api.guest()
        .put(api.link(id))
        .json(&invalid)
        .header(wrong.0, wrong.1)
        .send()
        .is(403, r#"{"message":"403 Forbidden"}"#);
    api.developer().put(api.link(id + 1)).json(&invalid).header(wrong.0, wrong.1).send().status(404);
    api.developer().put(api.link(id)).json(&invalid).header(wrong.0, wrong.1).send().is(412, FAILED);
    api.developer().put(api.link(id)).json(json!({})).header(wrong.0, wrong.1).send().status(400);
    let release = format!("{}/v1.7.0", api.releases());
    api.developer().put(&release).json(json!({})).header(wrong.0, wrong.1).send().is(412, FAILED);
    api.developer()
        .put(&release)
        .json(json!({}))
        .header("If-Match", "*")
        .send()
        .is(400, r#"{"message":"params is empty"}"#);
    api.developer().delete(format!("{release}9")).header(wrong.0, wrong.1).send().status(404);
}

#[test]
fn other_writes_ignore_preconditions() {
    let api = Api::public();
    let link = json!({ "name": "a", "url": "http://a" });
    for (name, value) in [("If-Match", "\"x\""), ("If-None-Match", "*"), ("If-Match", "")] {
        let made = api.developer().post(api.links()).json(&link).header(name, value).send().status(201);
        api.developer().delete(api.link(made.id())).send().status(200);
    }
}

#[test]
fn of_many_writers_who_know_one_state_exactly_one_changes_it() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let known = tag(&api.guest().get(api.link(id)).send());
    let developer = api.developer();
    let put =
        |n: usize| developer.put(api.link(id)).json(json!({ "name": format!("n{n}") })).header("If-Match", &known);
    let answers = at_once((0..64).map(put).collect());
    let done: Vec<&Response> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.is(412, FAILED);
        assert_eq!(tag(refused), tag(done[0]));
    }
    let stored: Value = api.guest().get(api.link(id)).send().json();
    assert_eq!(stored, done[0].json());
}
