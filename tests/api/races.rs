//! docs/contract.md, "Link rules", uniqueness: of many concurrent writes of one value exactly one succeeds, and none breaks the server.

use serde_json::{Value, json};

use crate::harness::{Api, Response, at_once};

const WRITERS: usize = 200;

/// Asserts that one of the answers has that status and the others that message. Those who ask for values that are taken
/// learn that the winner has them.
#[track_caller]
fn one_wins(answers: &[Response], success: u16, status: u16, message: &Value) {
    let (winners, losers): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == success);
    assert_eq!(winners.len(), 1, "of {} writers", answers.len());
    for loser in losers {
        let body = loser.json();
        assert_eq!((loser.status, &body["message"]), (status, message));
        for holder in body["taken_by"].as_object().into_iter().flat_map(|taken_by| taken_by.values()) {
            assert_eq!(holder["id"], winners[0].id().to_string());
        }
    }
}

#[track_caller]
fn creates_race(draft: impl Fn(usize) -> Value, sentences: &[&str]) {
    let api = Api::public();
    let developer = api.developer();
    let requests = (0..WRITERS).map(|n| developer.post(api.links()).json(draft(n))).collect();
    one_wins(&at_once(requests), 201, 400, &json!(sentences));
    let list = api.guest().get(api.links()).send();
    assert_eq!(list.header("x-total"), Some("1"));
}

#[test]
fn of_200_creates_with_one_name_exactly_one_is_made() {
    let draft = |n| json!({ "name": "a", "url": format!("http://{n}"), "filepath": format!("/bin/{n:03}") });
    creates_race(draft, &["Name has already been taken"]);
}

#[test]
fn of_200_creates_with_one_url_exactly_one_is_made() {
    let draft = |n| json!({ "name": n, "url": "http://a", "filepath": format!("/bin/{n:03}") });
    creates_race(draft, &["Url has already been taken"]);
}

#[test]
fn of_200_creates_with_one_path_exactly_one_is_made() {
    let draft = |n| json!({ "name": n, "url": format!("http://{n}"), "filepath": "/bin/a" });
    creates_race(draft, &["Filepath has already been taken"]);
}

#[test]
fn of_200_equal_creates_exactly_one_is_made() {
    let all = ["Url has already been taken", "Name has already been taken", "Filepath has already been taken"];
    creates_race(|_| json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" }), &all);
}

#[test]
fn of_many_updates_to_one_name_exactly_one_is_done() {
    let api = Api::public();
    let developer = api.developer();
    let links: Vec<Value> = (0..WRITERS).map(|n| json!({ "name": n, "url": format!("http://{n}") })).collect();
    let release = json!({ "tag_name": "v2", "assets": { "links": links } });
    developer.post(api.releases()).json(release).send().status(201);
    let list = api.links_of("v2");
    let mut requests = Vec::new();
    for page in [1, 2] {
        let links = api.guest().get(format!("{list}?per_page=100&page={page}")).send().json();
        for link in links.as_array().unwrap() {
            requests.push(developer.put(format!("{list}/{}", link["id"])).json(json!({ "name": "a" })));
        }
    }
    assert_eq!(requests.len(), WRITERS);
    one_wins(&at_once(requests), 200, 400, &json!(["Name has already been taken"]));
}

#[test]
fn of_many_deletes_of_one_link_exactly_one_is_done() {
    let api = Api::public();
    let developer = api.developer();
    let link = api.link(api.add("a", "http://a"));
    let requests = (0..50).map(|_| developer.delete(&link)).collect();
    one_wins(&at_once(requests), 200, 404, &json!("404 Not found"));
}

#[test]
fn of_many_releases_of_one_tag_exactly_one_is_made_with_its_links() {
    let api = Api::public();
    let developer = api.developer();
    let release = |n: usize| {
        let link = json!({ "name": n, "url": format!("http://{n}") });
        developer.post(api.releases()).json(json!({ "tag_name": "v2", "assets": { "links": [link] } }))
    };
    one_wins(&at_once((0..50).map(release).collect()), 201, 409, &json!("Release already exists"));
    assert_eq!(api.guest().get(api.links_of("v2")).send().header("x-total"), Some("1"));
}

#[test]
fn writers_of_different_values_all_succeed() {
    let api = Api::public();
    let developer = api.developer();
    let draft = |n: usize| json!({ "name": n, "url": format!("http://{n}"), "filepath": format!("/bin/{n:03}") });
    let requests = (0..WRITERS).map(|n| developer.post(api.links()).json(draft(n))).collect();
    let mut ids: Vec<u64> = at_once(requests).into_iter().map(|answer| answer.status(201).id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), WRITERS);
}
