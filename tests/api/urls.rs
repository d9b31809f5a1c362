//! docs/contract.md, "Link rules": which urls a link may have. They are never fetched or resolved.

use serde_json::json;

use crate::harness::{Api, is_refused};

const BLOCKED_SCHEME: &str = "Url is blocked: Only allowed schemes are http, https, ftp";
const INVALID_URI: &str = "Url is blocked: URI is invalid";
const INVALID_HOST: &str = "Url is blocked: Hostname or IP address invalid";
const URL_TOO_LONG: &str = "Url is too long (maximum is 2048 characters)";
const URL_TAKEN: &str = "Url has already been taken";
const BLANK_URL: [&str; 2] = ["Url can't be blank", "Url must be a valid URL"];

/// Asserts that the url is refused with those sentences, whoever sends it.
#[track_caller]
fn url_is_refused(api: &Api, id: u64, url: &str, sentences: &[&str]) {
    is_refused(api, id, &json!({ "name": "b", "url": url }), sentences);
}

/// Asserts that a link with the url can be made, and answers the url as stored.
#[track_caller]
fn accepted(api: &Api, url: &str) -> String {
    let made = api.create(&json!({ "name": url, "url": url })).status(201);
    let stored = api.guest().get(api.link(made.id())).send().json();
    assert_eq!(stored, made.json());
    stored["url"].as_str().unwrap().to_owned()
}

#[test]
fn a_blank_url_is_refused_with_two_sentences() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for url in ["", " ", "\t\r\n", "\u{3000}", "\u{a0} \u{2003}"] {
        url_is_refused(&api, id, url, &BLANK_URL);
    }
    is_refused(&api, id, &json!({ "name": "b", "url": null }), &BLANK_URL);
}

#[test]
fn a_url_over_2048_bytes_is_refused_with_that_sentence_alone() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let url = |length: usize| "http://a/".to_owned() + &"x".repeat(length - 9);
    url_is_refused(&api, id, &url(2049), &[URL_TOO_LONG]);
    url_is_refused(&api, id, &"x".repeat(2049), &[URL_TOO_LONG]);
    url_is_refused(&api, id, &("http://a/".to_owned() + &"é".repeat(1020)), &[URL_TOO_LONG]);
    let made = api.create(&json!({ "name": "longest", "url": format!("  {}\n", url(2048)) })).status(201);
    assert_eq!(made.json()["url"], url(2048));
}

#[test]
fn a_url_wants_one_of_three_schemes() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for url in [
        "a",
        "a/b",
        "//a/b",
        "/a",
        "a.example:80",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ssh://a",
        "data:,x",
        "httpx://a",
        "http//a",
        "://a",
        "\u{a0}http://a",
        "http\u{1}://a",
        "gopher:\\a b",
    ] {
        url_is_refused(&api, id, url, &[BLOCKED_SCHEME]);
    }
    for url in ["http://ok", "https://ok", "ftp://ok", "HTTP://ok", "hTTpS://ok", "FTP://ok"] {
        assert_eq!(accepted(&api, url), url);
    }
}

#[test]
fn a_url_that_is_no_uri_is_refused() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for url in [
        "http://a/\u{1}",
        "http://a/b\nc",
        "http://a/b\tc",
        "http://a/\u{7f}",
        "http://a/\u{85}",
        "http://a\\b",
        "http://a/b\\c",
        "http://a b",
        "http://a\u{3000}b",
        "http://<a>",
        "http://a{b}",
        "http://a^b",
        "http://a|b",
        "http://\"a\"",
        "http://u ser@a",
        "http://[::1",
        "http://[::1/a]",
        "http://a:65536",
        "http://a:x",
        "http://a:-1",
        "http://a:8 0",
        "http://",
        "http:x",
        "http:/x",
        "http:///x",
        "http:",
        "https://?a",
        "https://#a",
        "http://:80",
        "ftp://a/%0A",
        "ftp://a/%0D",
    ] {
        url_is_refused(&api, id, url, &[INVALID_URI]);
    }
}

#[test]
fn a_host_wants_a_letter_or_a_digit_at_its_start_or_to_be_an_ip_literal() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    for url in ["http://-a", "http://_a", "http://.a", "http://%61", "http://[1:2]", "http://[a]", "http://u@-a:80/x"] {
        url_is_refused(&api, id, url, &[INVALID_HOST]);
    }
}

#[test]
fn the_first_of_the_blocked_rows_is_the_one_reported() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    url_is_refused(&api, id, "javascript://-a b\\", &[BLOCKED_SCHEME]);
    url_is_refused(&api, id, "http://-a/\\", &[INVALID_URI]);
    url_is_refused(&api, id, "http://-a:99999", &[INVALID_URI]);
}

#[test]
fn private_local_and_unusual_urls_are_accepted_as_they_are() {
    let api = Api::public();
    for url in [
        "http://localhost",
        "HTTP://localhost",
        "http://127.0.0.1:0",
        "http://10.0.0.1:65535/x",
        "http://169.254.169.254/latest",
        "http://[::1]:80/a",
        "http://[2001:db8::1]",
        "http://user:p%40ss@host.example/x",
        "http://bücher.example/ü",
        "http://例え.テスト/",
        "http://a:/x",
        "http://a/b c",
        "http://a/<b>{c}|\"^`",
        "http://a?x=[1]&y#z#",
        "http://a/%zz",
        "http://a/%0A%0D",
        "http://9a",
        "http://a/..//./b",
        "http://a.",
        "ftp://a/%0b",
        "http://A.EXAMPLE/B",
    ] {
        assert_eq!(accepted(&api, url), url);
    }
}

#[test]
fn ascii_white_space_around_a_url_is_cut_and_nothing_else_is_normalised() {
    let api = Api::public();
    assert_eq!(accepted(&api, " \t\r\n\u{b}\u{c}http://a\u{c}\u{b}\n\r\t "), "http://a");
    assert_eq!(accepted(&api, "http://a/"), "http://a/");
    assert_eq!(accepted(&api, "http://A/"), "http://A/");
    assert_eq!(accepted(&api, "http://a/\u{a0}"), "http://a/\u{a0}");
    api.create(&json!({ "name": "b", "url": "\n http://a" })).is_invalid(&[URL_TAKEN]);
}
