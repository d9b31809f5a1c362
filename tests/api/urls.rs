//! docs/contract.md, "Link rules": that the rule about a link's url reaches whoever creates or changes one. What the rule says is
//! tested in the domain.

use serde_json::json;

use crate::harness::{Api, is_refused};

#[test]
fn a_url_over_2048_bytes_is_refused_with_that_sentence_alone() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let url = |length: usize| "http://a/".to_owned() + &"x".repeat(length - 9);
    let draft = json!({ "name": "b", "url": url(2049) });
    is_refused(&api, id, &draft, &["Url is too long (maximum is 2048 characters)"]);
    let made = api.create(&json!({ "name": "longest", "url": format!("  {}\n", url(2048)) })).status(201);
    assert_eq!(made.json()["url"], url(2048));
}

#[test]
fn a_url_that_is_no_uri_is_refused() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for (url, sentence) in [
        ("javascript:alert(1)", "Url is blocked: Only allowed schemes are http, https, ftp"),
        ("http://a/b\\c", "Url is blocked: URI is invalid"),
        ("http:///x", "Url is blocked: URI is invalid"),
        ("http://-a", "Url is blocked: Hostname or IP address invalid"),
    ] {
        is_refused(&api, id, &json!({ "name": "b", "url": url }), &[sentence]);
    }
}

#[test]
fn private_local_and_unusual_urls_are_accepted_as_they_are() {
    let api = Api::public();
    for url in [
        "HTTP://localhost",
        "http://169.254.169.254/latest",
        "http://[2001:db8::1]",
        "http://user:p%40ss@host.example/x",
        "http://bücher.example/ü",
        "http://a/<b>{c}|\"^`",
    ] {
        let id = api.create(&json!({ "name": url, "url": url })).status(201).id();
        assert_eq!(api.guest().get(api.link(id)).send().json()["url"], url);
    }
}

#[test]
fn a_url_is_stored_and_compared_without_white_space_around_it() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": " \t\r\n\u{b}\u{c}http://a\u{c}\u{b}\n\r\t " })).status(201);
    assert_eq!(made.json()["url"], "http://a");
    api.create(&json!({ "name": "b", "url": "\n http://a" })).is_invalid(&["Url has already been taken"]);
}
