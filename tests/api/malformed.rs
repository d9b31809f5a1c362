//! docs/contract.md, "Link endpoints": what is refused before anything else, with 400, 413 and 415.

use serde_json::json;

use crate::harness::{Api, Request};

const MALFORMED: &str = r#"{"error":"400 Bad Request"}"#;
const TOO_LARGE: &str = r#"{"error":"413 Request Entity Too Large"}"#;
const MEBIBYTE: usize = 1024 * 1024;

/// Requests to a route and to no route, by somebody who may write and by somebody with a bad token.
///
/// The refusals of this file come before all that sets these apart.
fn everywhere(api: &Api, ending: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    for target in [api.links() + ending, format!("/api/v4/nothing{ending}")] {
        let bad = api.anonymous().post(&target).header("PRIVATE-TOKEN", "glpat-unknown-to-anybody");
        requests.extend([api.developer().post(&target), api.anonymous().post(&target), bad]);
    }
    requests
}

#[test]
fn malformed_json_is_400_everywhere() {
    let api = Api::public();
    for body in ["{", "{]", r#"{"name":"a""#, "nonsense", r#"{"a":1}x"#, "{'a':1}", r#"{"a":01}"#, "[1,]"] {
        for request in everywhere(&api, "") {
            request.json(body).send().is(400, MALFORMED);
        }
    }
}

#[test]
fn invalid_utf8_is_400_in_every_encoding() {
    let api = Api::public();
    let multipart = b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n\xff\r\n--x--\r\n";
    for (kind, body) in [
        ("application/json", &b"{\"name\":\"\xff\"}"[..]),
        ("application/json", br#"{"name":"\ud800"}"#),
        ("application/x-www-form-urlencoded", b"name=\xff"),
        ("application/x-www-form-urlencoded", b"name=%ff"),
        ("application/x-www-form-urlencoded", b"%C3%28=a"),
        ("application/x-www-form-urlencoded", b"unknown=%E2%82"),
        ("multipart/form-data; boundary=x", multipart),
    ] {
        for request in everywhere(&api, "") {
            request.header("Content-Type", kind).body(body).send().is(400, MALFORMED);
        }
    }
}

#[test]
fn a_form_or_a_query_with_bad_percent_encoding_is_400() {
    let api = Api::public();
    for pairs in ["name=%zz", "name=%", "name=%4", "%g0=a", "unknown=100%", "name=a&url=http://a&x=%u0041"] {
        for request in everywhere(&api, "") {
            request.form(pairs).send().is(400, MALFORMED);
        }
        for request in everywhere(&api, "") {
            request.body(pairs).send().is(400, MALFORMED);
        }
        for request in everywhere(&api, &format!("?{pairs}")) {
            request.send().is(400, MALFORMED);
        }
    }
}

#[test]
fn a_query_with_invalid_utf8_or_a_nul_is_400() {
    let api = Api::public();
    for pairs in ["name=%ff", "unknown=%C3%28", "%ff", "page=1%00", "a%00b=c", "x[%00]=1"] {
        for request in everywhere(&api, &format!("?{pairs}")) {
            request.send().is(400, MALFORMED);
        }
        api.guest().get(format!("{}?{pairs}", api.links())).send().is(400, MALFORMED);
    }
}

#[test]
fn a_nul_in_a_body_is_400_in_every_encoding() {
    let api = Api::public();
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\0c\r\n--x--\r\n";
    for (kind, body) in [
        ("application/json", r#"{"name":"a\u0000b","url":"http://a"}"#),
        ("application/json", r#"{"unknown":{"deep":["\u0000"]}}"#),
        ("application/json", r#"{"a\u0000":1}"#),
        ("application/x-www-form-urlencoded", "name=a%00b&url=http://a"),
        ("application/x-www-form-urlencoded", "name=a\0b"),
        ("application/x-www-form-urlencoded", "unknown%00=a"),
        ("multipart/form-data; boundary=x", multipart),
    ] {
        for request in everywhere(&api, "") {
            request.header("Content-Type", kind).body(body).send().is(400, MALFORMED);
        }
    }
    assert_eq!(api.snapshot(), "[]");
}

/// A body of that many parameters in each encoding, made into a request.
fn in_every_encoding(request: &Request, parameters: usize) -> Vec<Request> {
    let names: Vec<_> = (0..parameters).map(|n| n.to_string()).collect();
    let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":0")).collect();
    let parts: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    vec![
        request.clone().form(names.join("&")),
        request.clone().json(format!("{{{}}}", members.join(","))),
        request.clone().json(format!("[{}]", vec!["0"; parameters].join(","))),
        // As many as a mebibyte holds.
        request.clone().multipart(&parts[..parameters.min(12_000)]),
    ]
}

#[test]
fn more_than_twenty_thousand_parameters_are_malformed_in_every_encoding_and_the_query_counts() {
    let api = Api::public();
    let missing = "name is missing, url is missing";
    for request in in_every_encoding(&api.developer().post(api.links()), 20_000) {
        request.send().is_error(missing);
    }
    let with_query = api.developer().post(format!("{}?{}", api.links(), "x&".repeat(9_000)));
    for request in in_every_encoding(&with_query, 11_000) {
        request.send().is_error(missing);
    }
    for request in in_every_encoding(&with_query, 11_001) {
        request.send().is(400, MALFORMED);
    }
    for request in in_every_encoding(&api.developer().post(api.links()), 20_001).into_iter().take(3) {
        request.send().is(400, MALFORMED);
    }
}

#[test]
fn more_than_thirty_two_levels_are_malformed_in_every_encoding() {
    let api = Api::public();
    for (levels, status) in [(32, 201), (33, 400)] {
        let name = format!("x{}", "[y]".repeat(levels - 1));
        let json = format!("{}1{}", r#"{"x":"#.repeat(levels), "}".repeat(levels));
        let fields = |n: u32| format!("name={levels}-{n}&url=http://{levels}.{n}");
        let post = || api.developer().post(api.links());
        post().form(format!("{}&{name}=1", fields(1))).send().status(status);
        api.developer().post(format!("{}?{name}=1", api.links())).form(fields(2)).send().status(status);
        let parts = [("name", format!("{levels}-3")), ("url", format!("http://{levels}.3")), (&name, "1".to_owned())];
        post().multipart(&parts.each_ref().map(|(name, value)| (*name, value.as_str()))).send().status(status);
        let target = format!("{}?{}", api.links(), fields(4));
        api.developer().post(target).json(json).send().status(status);
    }
}

#[test]
fn a_path_with_a_bad_escape_invalid_utf8_or_a_nul_is_400() {
    let api = Api::public();
    for segment in ["%zz", "v%", "v%2", "%ff", "%C3%28", "a%00b", "%00"] {
        for target in
            [api.links_of(segment), format!("/api/v4/{segment}"), format!("/{segment}"), api.links() + "/" + segment]
        {
            api.anonymous().get(&target).send().is(400, MALFORMED);
            api.developer().delete(&target).send().is(400, MALFORMED);
            api.developer().request("PATCH", &target).send().is(400, MALFORMED);
        }
    }
}

#[test]
fn malformed_comes_before_405_and_before_missing_parameters() {
    let api = Api::public();
    api.anonymous().request("PATCH", api.links()).json("{").send().is(400, MALFORMED);
    api.anonymous().put(api.link(1)).json("{").send().is(400, MALFORMED);
    api.anonymous().get(api.links()).json("{").send().is(400, MALFORMED);
    api.anonymous().delete(api.link(1)).json("{").send().is(400, MALFORMED);
}

#[test]
fn another_content_type_with_a_body_is_415_wherever_there_is_such_a_method() {
    let api = Api::public();
    for kind in ["text/plain", "application/xml", "application/octet-stream"] {
        let expected = json!({ "error": format!("The provided content-type '{kind}' is not supported.") });
        for request in everywhere(&api, "") {
            let is_known = request.target().ends_with("/links");
            let answer = request.header("Content-Type", kind).body(r#"{"name":"a"}"#).send();
            if is_known {
                answer.is(415, &expected.to_string());
            } else {
                answer.is(404, r#"{"error":"404 Not Found"}"#);
            }
        }
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let request = api.developer().request(method, api.link(1)).header("Content-Type", kind);
            request.body("x").send().is(415, &expected.to_string());
        }
        let patch = api.developer().request("PATCH", api.links()).header("Content-Type", kind);
        patch.body("x").send().is(405, r#"{"error":"405 Not Allowed"}"#);
    }
}

/// A form of exactly that many bytes that makes a link.
fn form_of(length: usize) -> String {
    let form = "name=a&url=http://a&x=";
    form.to_owned() + &"y".repeat(length - form.len())
}

#[test]
fn a_body_of_one_mebibyte_is_read() {
    let api = Api::public();
    let caller = api.developer();
    let id = caller.post(api.links()).form(form_of(MEBIBYTE)).send().status(201).id();
    caller.delete(api.link(id)).send().status(200);
    caller.post(api.links()).form(form_of(MEBIBYTE)).chunked().send().status(201);
}

#[test]
fn a_larger_body_is_413_everywhere_whatever_its_encoding() {
    let api = Api::public();
    let document = json!({ "name": "a", "url": "http://a", "x": "y".repeat(MEBIBYTE) }).to_string();
    for (kind, body) in [
        ("application/x-www-form-urlencoded", form_of(MEBIBYTE + 1)),
        ("application/json", document),
        ("application/json", "{".repeat(MEBIBYTE + 1)),
    ] {
        for request in everywhere(&api, "") {
            let request = request.header("Content-Type", kind).body(body.clone());
            request.clone().send().is(413, TOO_LARGE);
            request.chunked().send().is(413, TOO_LARGE);
        }
    }
    let value = "y".repeat(MEBIBYTE);
    let parts = [("name", "a"), ("url", "http://a"), ("x", value.as_str())];
    api.developer().post(api.links()).multipart(&parts).send().is(413, TOO_LARGE);
    api.developer().post(api.links()).body(form_of(MEBIBYTE + 1)).send().is(413, TOO_LARGE);
    assert_eq!(api.snapshot(), "[]");
}

#[test]
fn a_much_larger_body_is_413_and_the_server_goes_on() {
    let api = Api::public();
    let body = form_of(8 * MEBIBYTE);
    api.developer().post(api.links()).form(body.clone()).send().is(413, TOO_LARGE);
    api.developer().post(api.links()).form(body).chunked().send().is(413, TOO_LARGE);
    api.guest().get(api.links()).send().is(200, "[]");
}
