//! Lists with large rows: they are sent while they are read, and have the same content as small ones.

use serde_json::Value;

use crate::harness::Api;

/// A release with a description of that many bytes.
#[track_caller]
fn release(api: &Api, tag: &str, bytes: usize) {
    let form = format!("tag_name={tag}&description={}", "x".repeat(bytes));
    api.admin().post(api.releases()).form(form).send().status(201);
}

fn tags(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_page_of_large_releases_is_written_as_it_is_read_and_holds_them_all_in_their_order() {
    let api = Api::public();
    let expected: Vec<String> =
        (0..12).rev().map(|number| format!("v2.{number}")).chain(["v1.7.0".to_owned()]).collect();
    for number in 0..12 {
        release(&api, &format!("v2.{number}"), 100_000);
    }
    let whole = format!("{}?per_page=100", api.releases());
    let answer = api.admin().get(&whole).send();
    assert_eq!((answer.status, answer.header("etag"), answer.header("x-total")), (200, None, Some("13")));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(tags(&answer.json(), "tag_name"), expected);
    assert_eq!(answer.json()[0]["description"].as_str().unwrap().len(), 100_000);

    let head = api.admin().request("HEAD", &whole).send();
    assert_eq!((head.status, head.header("x-total"), head.header("etag")), (200, Some("13"), None));

    let one = api.admin().get(format!("{}?per_page=1", api.releases())).send();
    assert_eq!((one.status, tags(&one.json(), "tag_name")), (200, expected[..1].to_vec()));
    assert!(one.header("etag").is_some());
    assert_eq!(one.json()[0], answer.json()[0]);
}

#[test]
fn a_page_of_tags_with_large_releases_is_written_as_it_is_read_and_holds_them_all() {
    let api = Api::public();
    for number in 0..5 {
        release(&api, &format!("v2.{number}"), 100_000);
    }
    let answer = api.admin().get(api.tags()).send();
    assert_eq!((answer.status, answer.header("etag"), answer.header("x-total")), (200, None, Some("6")));
    assert_eq!(tags(&answer.json(), "name"), ["v2.4", "v2.3", "v2.2", "v2.1", "v2.0", "v1.7.0"]);
    assert_eq!(answer.json()[4]["release"]["description"].as_str().unwrap().len(), 100_000);
}
