//! docs/contract.md, "Link endpoints", other origins: what a browser asks for and checks when a page of another origin uses
//! the API or follows a permanent link.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::{Api, Request, Response};

const ORIGIN: &str = "https://pages.example.com";
const EXPOSED: [&str; 12] = [
    "ETag",
    "Link",
    "X-Checksum-SHA256",
    "X-Linked-Size",
    "X-Next-Page",
    "X-Page",
    "X-Per-Page",
    "X-Prev-Page",
    "X-Release-Links",
    "X-Release-Tag",
    "X-Total",
    "X-Total-Pages",
];

/// Asserts that a page of another origin may read the answer, without credentials of the browser's.
#[track_caller]
fn is_readable(answer: &Response) {
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-credentials"), None, "{answer:?}");
    // Where pages are, the answer also depends on what is accepted.
    assert!(matches!(answer.header("vary"), Some("Origin" | "Accept, Origin")), "{answer:?}");
    let exposed = answer.header("access-control-expose-headers").expect("headers that a page may read");
    let exposed: BTreeSet<_> = exposed.split(", ").collect();
    assert_eq!(exposed, BTreeSet::from(EXPOSED));
}

fn about_origins(answer: &Response) -> Vec<&str> {
    let about = |name: &str, value: &str| name.starts_with("access-control-") || value.contains("Origin");
    answer.headers.iter().filter(|(name, value)| about(name, value)).map(|(name, _)| name.as_str()).collect()
}

/// The preflight of a request, as browsers send it.
fn preflight(api: &Api, target: &str, method: &str) -> Request {
    let asked = api.anonymous().request("OPTIONS", target).header("Origin", ORIGIN);
    asked
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "content-type,private-token")
}

/// One request of each kind, with its status.
fn requests(api: &Api) -> Vec<(u16, Request)> {
    let id = api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).id();
    let link = api.link(id);
    let web = format!("/{}/-/releases", api.path);
    vec![
        (200, api.guest().get(api.links())),
        (200, api.guest().request("HEAD", &link)),
        (304, api.guest().get(api.links()).header("If-None-Match", "*")),
        (201, api.developer().post(api.links()).json(json!({ "name": "b", "url": "http://b" }))),
        (302, api.guest().get(format!("{web}/v1.7.0/downloads/bin/a"))),
        (302, api.guest().get(format!("{web}/permalink/latest"))),
        (200, api.guest().get(format!("{web}/v1.7.0"))),
        (404, api.guest().get(format!("{web}/v1.7.0/downloads/nothing"))),
        (400, api.developer().post(api.links()).json("{")),
        (400, api.guest().get("/api/%zz")),
        (401, api.anonymous().get(&link).header("PRIVATE-TOKEN", "unknown")),
        (403, api.guest().delete(&link)),
        (404, api.guest().get("/api/v4/nothing")),
        (405, api.guest().post(&link)),
        (405, api.guest().request("OPTIONS", &link)),
        (413, api.developer().post(api.links()).form("x".repeat(1024 * 1024 + 1))),
        (415, api.developer().post(api.links()).header("Content-Type", "text/plain").body("x")),
    ]
}

#[test]
fn a_page_of_another_origin_may_read_every_answer_refusals_too() {
    for (status, request) in requests(&Api::private()) {
        is_readable(&request.clone().header("Origin", ORIGIN).send().status(status));
        is_readable(&request.header("Origin", "null").send());
    }
}

#[test]
fn what_names_no_origin_is_told_nothing_about_origins() {
    for (status, request) in requests(&Api::private()) {
        let answer = request.send().status(status);
        assert!(about_origins(&answer).is_empty(), "{answer:?}");
    }
}

#[test]
fn other_addresses_than_those_of_the_api_and_of_releases_are_not_shared() {
    let api = Api::public();
    for target in ["/-/readiness", "/nothing", "/-/releases"] {
        let answer = api.anonymous().get(target).header("Origin", ORIGIN).send();
        assert!(about_origins(&answer).is_empty(), "{answer:?}");
        let status = if target == "/-/readiness" { 405 } else { 404 };
        let answer = preflight(&api, target, "GET").send().status(status);
        assert!(about_origins(&answer).is_empty(), "{answer:?}");
    }
}

#[test]
fn a_preflight_allows_every_method_and_what_it_asks_for() {
    let api = Api::private();
    let download = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    for target in [api.links(), download, "/api/v4/nothing".to_owned()] {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = preflight(&api, &target, method).send().status(200);
            assert_eq!((answer.text.as_str(), answer.header("content-length")), ("", Some("0")));
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("access-control-allow-headers"), Some("content-type,private-token"));
            let allowed = answer.header("access-control-allow-methods").expect("methods that are allowed");
            assert!(allowed.split(", ").any(|word| word == method), "{method}: {allowed}");
        }
    }
}

#[test]
fn options_without_an_origin_or_a_method_is_no_preflight() {
    let api = Api::public();
    let options = || api.anonymous().request("OPTIONS", api.links());
    for request in
        [options(), options().header("Origin", ORIGIN), options().header("Access-Control-Request-Method", "GET")]
    {
        request.send().is(405, r#"{"error":"405 Not Allowed"}"#);
    }
}
