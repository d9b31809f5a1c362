//! docs/contract.md, "Link endpoints", responses: common headers, validators, `HEAD`, and wrong methods.

use std::io::{BufReader, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::harness::{Api, PATIENCE, Response};

/// One answer of each kind that the five endpoints and their neighbours give.
fn answers(api: &Api) -> Vec<Response> {
    let made = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" }));
    let link = api.link(made.id());
    let list = api.guest().get(api.links()).send();
    let etag = list.header("etag").expect("the list has an ETag").to_owned();
    let web = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    let requests = [
        (200, api.guest().get(&link)),
        (200, api.guest().request("HEAD", &link)),
        (200, api.developer().put(&link).json(r#"{"name":"b"}"#)),
        (304, api.guest().get(api.links()).header("If-None-Match", "*")),
        (302, api.guest().get(&web)),
        (302, api.guest().request("HEAD", &web)),
        (400, api.developer().post(api.links())),
        (400, api.developer().post(api.links()).json(r#"{"name":"","url":""}"#)),
        (400, api.developer().post(api.links()).json("{")),
        (400, api.guest().get("/%zz")),
        (401, api.anonymous().get(api.links()).header("PRIVATE-TOKEN", "unknown")),
        (403, api.guest().delete(&link)),
        (404, api.guest().get(api.link(999_999_999))),
        (404, api.guest().get("/api/v4/projects/999999999/releases/v1/assets/links")),
        (404, api.guest().get("/api/v4/nothing")),
        (404, api.guest().get("/nothing")),
        (404, api.guest().get(format!("{web}/nothing"))),
        (405, api.guest().post(&link)),
        (413, api.developer().post(api.links()).form("x".repeat(1024 * 1024 + 1))),
        (415, api.developer().post(api.links()).header("Content-Type", "text/plain").body("x")),
        (200, api.developer().delete(&link)),
    ];
    let mut answers = vec![made.status(201), list.status(200)];
    for (status, request) in requests {
        answers.push(request.send().status(status));
    }
    answers.push(api.guest().get(api.links()).header("If-None-Match", etag).send().status(200));
    answers
}

#[test]
fn every_answer_forbids_sniffing_and_shared_caches() {
    for answer in answers(&Api::public()) {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
        let cache = answer.header("cache-control");
        assert_eq!(cache, Some("max-age=0, private, must-revalidate"), "{answer:?}");
    }
}

#[test]
fn every_body_is_called_application_json_and_nothing_more() {
    for answer in answers(&Api::public()) {
        if !matches!(answer.status, 302 | 304) {
            assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
        }
    }
}

#[test]
fn no_answer_sets_a_cookie_or_announces_a_rate_limit_that_is_off() {
    for answer in answers(&Api::public()) {
        assert_eq!(answer.header("set-cookie"), None);
        let limits: Vec<_> = answer.headers.iter().filter(|(name, _)| name.starts_with("ratelimit")).collect();
        assert!(limits.is_empty(), "{limits:?}");
    }
}

#[test]
fn a_known_etag_answers_304_without_a_body() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for (target, weak) in [(api.links(), "W/"), (api.link(id), ""), (api.releases() + "/v1.7.0", "")] {
        let etag = api.guest().get(&target).send().header("etag").expect("an ETag").to_owned();
        assert!(etag.starts_with(&format!("{weak}\"")) && etag.ends_with('"') && etag.len() > 4, "{etag}");
        let strong = etag.trim_start_matches("W/");
        let among_others = [format!("W/\"other\", {etag}"), format!("\"a,b\", W/{strong}")];
        for known in [etag.clone(), strong.to_owned(), "*".to_owned()].into_iter().chain(among_others) {
            let answer = api.guest().get(&target).header("If-None-Match", &known).send().status(304);
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
            assert_eq!(answer.text, "");
        }
        api.guest().get(&target).header("If-None-Match", "W/\"other\"").send().status(200);
    }
}

#[test]
fn a_write_answers_with_the_etag_that_a_read_of_the_same_gives() {
    let api = Api::public();
    let etag = |answer: &crate::harness::Response| answer.header("etag").expect("an ETag").to_owned();
    let read = |target: &str| etag(&api.guest().get(target).send().status(200));
    let created = api.create(&json!({ "name": "a", "url": "http://a" }));
    let link = api.link(created.id());
    assert_eq!(etag(&created), read(&link));
    let updated = api.developer().put(&link).json(json!({ "name": "b" })).send().status(200);
    assert_eq!(etag(&updated), read(&link));
    let last = read(&link);
    assert_eq!(etag(&api.developer().delete(&link).send().status(200)), last);
    let release = api.releases() + "/v9";
    let draft = json!({ "tag_name": "v9", "released_at": "2020-01-01" });
    assert_eq!(etag(&api.developer().post(api.releases()).json(draft).send().status(201)), read(&release));
    let last = read(&release);
    assert_eq!(etag(&api.developer().delete(&release).send().status(200)), last);
}

#[test]
fn an_etag_changes_with_what_it_stands_for() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let etag = |target: &str| api.guest().get(target).send().header("etag").expect("an ETag").to_owned();
    let (list, link) = (etag(&api.links()), etag(&api.link(id)));
    assert_eq!((etag(&api.links()), etag(&api.link(id))), (list.clone(), link.clone()));
    api.developer().put(api.link(id)).json(json!({ "name": "b" })).send().status(200);
    api.guest().get(api.links()).header("If-None-Match", list).send().status(200);
    api.guest().get(api.link(id)).header("If-None-Match", link).send().status(200);
}

#[test]
fn a_validator_hides_neither_a_refusal_nor_a_write() {
    let api = Api::public();
    api.guest().get(api.link(999_999_999)).header("If-None-Match", "*").send().status(404);
    let draft = json!({ "name": "a", "url": "http://a" });
    let id = api.developer().post(api.links()).header("If-None-Match", "*").json(draft).send().status(201).id();
    api.developer().delete(api.link(id)).send().status(200);
}

#[test]
fn head_answers_like_get_without_a_body() {
    let api = Api::private();
    let id = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).id();
    let web = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    for target in [api.links(), api.link(id), api.link(id + 999_999), web, "/api/v4/nothing".to_owned()] {
        for caller in [api.guest(), api.anonymous()] {
            let (get, head) = (caller.get(&target).send(), caller.request("HEAD", &target).send());
            assert_eq!(head.status, get.status, "{target}");
            for name in ["content-type", "etag", "location", "x-total", "link"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {target}");
            }
        }
    }
}

#[test]
fn the_wrong_verb_is_405_with_the_right_ones() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let cases = [
        (api.links(), &["PATCH", "PUT", "DELETE"][..], &["GET", "HEAD", "POST"][..]),
        (api.link(id), &["POST"], &["DELETE", "GET", "HEAD", "PATCH", "PUT"]),
    ];
    for (target, wrong, right) in cases {
        for method in wrong {
            for caller in [api.anonymous(), api.developer()] {
                let answer = caller.request(method, &target).send();
                answer.is(405, r#"{"error":"405 Not Allowed"}"#);
                let allowed = answer.header("allow").expect("405 comes with Allow").to_owned();
                let mut allowed: Vec<_> = allowed.split(',').map(str::trim).filter(|verb| *verb != "OPTIONS").collect();
                allowed.sort_unstable();
                assert_eq!(allowed, right, "{target}");
            }
        }
    }
}

#[test]
fn the_wrong_verb_comes_before_a_bad_token_and_a_hidden_project() {
    let api = Api::private();
    let request = api.anonymous().request("PATCH", api.links()).header("PRIVATE-TOKEN", "unknown");
    request.send().is(405, r#"{"error":"405 Not Allowed"}"#);
}

#[test]
fn a_connection_serves_on_after_every_refusal() {
    let api = Api::public();
    let post = || api.developer().post(api.links());
    let padding = "x".repeat(100_000);
    let refusals = [
        (400, post().json("{".to_owned() + &padding)),
        (400, post().json(json!({ "padding": padding }))),
        (
            401,
            api.anonymous()
                .post(api.links() + "?name=a&url=http://a")
                .header("PRIVATE-TOKEN", "x")
                .json(json!({ "padding": padding })),
        ),
        (403, api.guest().post(api.links()).form(format!("name=a&url=http://a&x={padding}")).chunked()),
        (404, api.anonymous().post("/api/v4/nothing").form(padding.as_str())),
        (405, api.anonymous().request("PATCH", api.links()).form(padding.as_str()).chunked()),
        (415, post().header("Content-Type", "text/plain").body(padding.as_str())),
    ];
    let mut stream = BufReader::new(TcpStream::connect(api.server().address()).unwrap());
    stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    for (status, refusal) in refusals {
        stream.get_mut().write_all(&refusal.bytes()).unwrap();
        Response::read(&mut stream, &refusal).status(status);
        let list = api.guest().get(api.links());
        stream.get_mut().write_all(&list.bytes()).unwrap();
        Response::read(&mut stream, &list).is(200, "[]");
    }
}
