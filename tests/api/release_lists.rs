//! docs/contract.md, "Releases": the list of releases, its order and its pages.

use serde_json::{Value, json};

use crate::harness::Api;

/// The tags that a list answers.
#[track_caller]
fn tags(api: &Api, query: &str) -> Vec<String> {
    let list = api.guest().get(format!("{}{query}", api.releases())).send().status(200).json();
    let tag = |release: &Value| release["tag_name"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(tag).collect()
}

#[test]
fn releases_are_ordered_as_asked_and_ties_go_by_id() {
    let api = Api::public();
    api.developer().delete(format!("{}/v1.7.0", api.releases())).send().status(200);
    for (tag, released) in [("a", "2020-01-03"), ("b", "2020-01-01"), ("c", "2020-01-03"), ("d", "2034-01-01")] {
        let draft = json!({ "tag_name": tag, "released_at": released });
        api.developer().post(api.releases()).json(draft).send().status(201);
    }
    for (query, expected) in [
        ("", ["d", "c", "a", "b"]),
        ("?order_by=released_at", ["d", "c", "a", "b"]),
        ("?sort=asc", ["b", "a", "c", "d"]),
        ("?order_by=created_at", ["d", "c", "b", "a"]),
        ("?order_by=created_at&sort=asc", ["a", "b", "c", "d"]),
    ] {
        assert_eq!(tags(&api, query), expected, "{query}");
    }
}

#[test]
fn an_order_that_there_is_none_of_is_400() {
    let api = Api::public();
    for (query, faults) in [
        ("?order_by=name", "order_by does not have a valid value"),
        ("?order_by=", "order_by does not have a valid value"),
        ("?order_by=RELEASED_AT", "order_by does not have a valid value"),
        ("?order_by[]=released_at", "order_by is invalid"),
        ("?sort=up", "sort does not have a valid value"),
        (
            "?sort=up&order_by=x&per_page=0&page=x",
            "page is invalid, per_page has a value not allowed, order_by does not have a valid value, \
             sort does not have a valid value",
        ),
    ] {
        api.guest().get(format!("{}{query}", api.releases())).send().is_error(faults);
    }
    let hidden = Api::private();
    hidden.anonymous().get(format!("{}?order_by=x", hidden.releases())).send().status(404);
}

#[test]
fn releases_come_in_pages_each_with_all_its_links_newest_first() {
    let api = Api::public();
    for number in 0..22 {
        let link = |name: &str| json!({ "name": name, "url": format!("http://{name}.example") });
        let links: Vec<_> = ["x", "y", "z"].iter().take(number % 4).map(|name| link(name)).collect();
        let draft =
            json!({ "tag_name": format!("t{number}"), "released_at": "2020-01-01", "assets": { "links": links } });
        api.developer().post(api.releases()).json(draft).send().status(201);
    }
    api.developer().delete(format!("{}/v1.7.0", api.releases())).send().status(200);
    let target = format!("{}?private_token={}&order_by=released_at", api.releases(), api.guest().token());
    let first = api.anonymous().get(&target).send().status(200);
    for (name, value) in [
        ("x-total", "22"),
        ("x-total-pages", "2"),
        ("x-page", "1"),
        ("x-per-page", "20"),
        ("x-next-page", "2"),
        ("x-prev-page", ""),
    ] {
        assert_eq!(first.header(name), Some(value), "{name}");
    }
    let base = format!("https://gitlab.example.com{}?order_by=released_at", api.releases());
    let page = |number, rel| format!("<{base}&page={number}&per_page=20>; rel=\"{rel}\"");
    assert_eq!(first.header("link"), Some([page(2, "next"), page(1, "first"), page(2, "last")].join(", ").as_str()));
    let second = api.guest().get(format!("{}?page=2", api.releases())).send().status(200);
    let all: Vec<_> = [first.json(), second.json()].iter().flat_map(|page| page.as_array().unwrap().clone()).collect();
    assert_eq!(all.len(), 22);
    for (release, number) in all.iter().zip((0..22).rev()) {
        assert_eq!(release["tag_name"], format!("t{number}"));
        let links = release["assets"]["links"].as_array().unwrap();
        let names: Vec<_> = links.iter().map(|link| link["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["z", "y", "x"][3 - number % 4..], "t{number}");
        assert_eq!(release["assets"]["count"], number % 4);
    }
}
