//! docs/contract.md, "Permanent links": names that point to releases, and where they lead.

use serde_json::{Value, json};

use crate::harness::{Api, Response};

const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;

impl Api {
    fn channels(&self) -> String {
        format!("/api/v4/projects/{}/release_channels", self.project)
    }

    #[track_caller]
    fn point(&self, channel: &str, tag: &str) -> Response {
        self.developer().put(format!("{}/{channel}", self.channels())).json(json!({ "tag_name": tag })).send()
    }
}

/// A public project with three releases, a day after each other.
fn three_releases() -> Api {
    let api = Api::public().emptied();
    for (tag, day) in [("v1.0.0", "2020-01-01"), ("v2.0.0-rc.1", "2020-01-02"), ("v3.0.0", "2020-01-03")] {
        api.released(tag, day);
    }
    api
}

/// Asserts that the selector leads to the release and to its asset, on the web and on the API; `None` is 404.
#[track_caller]
fn leads_to(api: &Api, selector: &str, tag: Option<&str>) {
    for base in api.bases() {
        let ask = |address: &str| api.anonymous().get(format!("{base}/permalink/{address}")).send();
        let (release, asset) = match selector.split_once('?') {
            Some((word, query)) => (format!("{word}?{query}"), format!("{word}/downloads/bin/a?{query}")),
            None => (selector.to_owned(), format!("{selector}/downloads/bin/a")),
        };
        let Some(tag) = tag else {
            ask(&release).is(404, NOT_FOUND);
            ask(&asset).is(404, NOT_FOUND);
            continue;
        };
        assert_eq!(ask(&release).status(302).header("x-release-tag"), Some(tag), "{base} {selector}");
        let answer = ask(&asset).status(302);
        assert_eq!(answer.header("location"), Some(format!("https://{tag}.example").as_str()), "{base} {selector}");
        assert_eq!(answer.header("x-release-tag"), Some(tag), "{base} {selector}");
    }
}

fn without_time(mut channel: Value) -> Value {
    let time = channel["updated_at"].take();
    assert!(time.as_str().is_some_and(|time| time.ends_with('Z')), "{time}");
    channel
}

#[test]
fn a_channel_is_created_moved_shown_and_deleted() {
    let api = three_releases();
    let address = format!("{}/beta", api.channels());
    api.anonymous().get(&address).send().is(404, NOT_FOUND);
    let made = api.point("beta", "v2.0.0-rc.1").status(201).json();
    assert_eq!(without_time(made.clone()), json!({ "name": "beta", "tag_name": "v2.0.0-rc.1", "updated_at": null }));
    assert_eq!(api.point("beta", "v2.0.0-rc.1").status(200).json(), made);
    let shown = api.anonymous().get(&address).send().status(200);
    assert_eq!(shown.json(), made);
    assert!(shown.header("etag").is_some());
    let moved = api.point("beta", "v3.0.0").status(200).json();
    assert_eq!(moved["tag_name"], "v3.0.0");
    assert_eq!(api.developer().delete(&address).send().status(200).json(), moved);
    api.developer().delete(&address).send().is(404, NOT_FOUND);
}

#[test]
fn channels_are_listed_by_name_in_pages() {
    let api = three_releases();
    assert_eq!(api.anonymous().get(api.channels()).send().status(200).text, "[]");
    for channel in ["stable", "beta", "latest"] {
        api.point(channel, "v1.0.0").status(201);
    }
    let page = api.anonymous().get(format!("{}?per_page=2", api.channels())).send().status(200);
    assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("3"), Some("2")));
    let names: Vec<_> = page.json().as_array().unwrap().iter().map(|channel| channel["name"].clone()).collect();
    assert_eq!(names, ["beta", "latest"]);
}

#[test]
fn a_channel_leads_to_its_release_and_latest_to_the_one_that_is_pinned() {
    let api = three_releases();
    leads_to(&api, "beta", None);
    leads_to(&api, "latest", Some("v3.0.0"));
    api.point("beta", "v2.0.0-rc.1").status(201);
    api.point("latest", "v1.0.0").status(201);
    for (selector, tag) in [
        ("beta", Some("v2.0.0-rc.1")),
        ("beta?prerelease=false&order_by=semver", Some("v2.0.0-rc.1")),
        ("beta?having=true", Some("v2.0.0-rc.1")),
        ("latest", Some("v1.0.0")),
        ("latest?having=true", Some("v1.0.0")),
        ("latest?order_by=tag&prerelease=", Some("v1.0.0")),
        ("latest?order_by=released_at", Some("v3.0.0")),
        ("latest?prerelease=true", Some("v3.0.0")),
        ("latest?order_by=semver", Some("v3.0.0")),
        ("stable", None),
        ("Beta", None),
    ] {
        leads_to(&api, selector, tag);
    }
    for base in api.bases() {
        // On a channel there is no search for the asset.
        for selector in ["beta", "latest"] {
            let elsewhere = format!("{base}/permalink/{selector}/downloads/bin/b?having=true");
            api.anonymous().get(elsewhere).send().is(404, NOT_FOUND);
        }
    }
}

#[test]
fn a_channel_with_an_upcoming_release_is_404_and_latest_is_as_if_it_were_not_pinned() {
    let api = three_releases();
    api.released("v4.0.0", "2221-01-01");
    for channel in ["next", "latest"] {
        assert_eq!(api.point(channel, "v4.0.0").status(201).json()["tag_name"], "v4.0.0");
    }
    leads_to(&api, "next", None);
    leads_to(&api, "latest", Some("v3.0.0"));
    let out = json!({ "released_at": "2020-02-01T00:00:00Z" });
    api.developer().put(format!("{}/v4.0.0", api.releases())).json(out).send().status(200);
    leads_to(&api, "next", Some("v4.0.0"));
}

#[test]
fn a_name_that_means_something_else_is_refused_before_authentication() {
    let (api, hidden) = (three_releases(), Api::private());
    let long = "a".repeat(64);
    for name in ["1", "v1.x", "beta-1", "my-latest", "mylatest", "downloads", "history", "Beta", "a%2Fb", "-a", &long] {
        for api in [&api, &hidden] {
            let address = format!("{}/{name}", api.channels());
            let refusal = r#"{"error":"name is invalid"}"#;
            api.anonymous().get(&address).send().is(400, refusal);
            api.anonymous().delete(format!("{address}?private_token=unknown")).send().is(400, refusal);
            let both = r#"{"error":"name is invalid, tag_name is missing"}"#;
            api.anonymous().put(&address).send().is(400, both);
        }
    }
    let address = format!("{}/beta", api.channels());
    api.anonymous()
        .put(&address)
        .json(json!({ "tag_name": ["v1.0.0"] }))
        .send()
        .is(400, r#"{"error":"tag_name is invalid"}"#);
}

#[test]
fn a_release_that_is_missing_is_404_before_the_right_to_write() {
    let api = three_releases();
    for tag in [json!("v9"), json!(""), Value::Null, json!("V1.0.0")] {
        for caller in [api.anonymous(), api.guest(), api.developer()] {
            let put = caller.put(format!("{}/beta", api.channels())).json(json!({ "tag_name": tag }));
            put.send().is(404, NOT_FOUND);
        }
    }
    let put = api.guest().put(format!("{}/beta", api.channels())).json(json!({ "tag_name": "v1.0.0" }));
    put.send().is(403, FORBIDDEN);
}

#[test]
fn both_the_release_so_far_and_the_new_one_must_be_writable() {
    let api = three_releases();
    api.point("free", "v1.0.0").status(201);
    api.point("bound", "v3.0.0").status(201);
    let rule = json!({ "name": "v3*", "create_access_level": 40 });
    let rules = format!("/api/v4/projects/{}/protected_tags", api.project);
    api.maintainer().post(rules).json(rule).send().status(201);
    api.point("free", "v3.0.0").is(403, FORBIDDEN);
    api.point("bound", "v1.0.0").is(403, FORBIDDEN);
    api.point("bound", "v3.0.0").is(403, FORBIDDEN);
    let bound = format!("{}/bound", api.channels());
    api.developer().delete(&bound).send().is(403, FORBIDDEN);
    api.maintainer().put(&bound).json(json!({ "tag_name": "v1.0.0" })).send().status(200);
    api.developer().delete(&bound).send().status(200);
}

#[test]
fn a_project_has_at_most_a_hundred_channels() {
    let api = three_releases();
    for number in 0..100 {
        api.point(&format!("a{number}"), "v1.0.0").status(201);
    }
    api.point("b", "v1.0.0").is(400, r#"{"error":"too many channels"}"#);
    api.point("a7", "v3.0.0").status(200);
}

#[test]
fn the_channels_of_a_release_go_with_it() {
    let api = three_releases();
    api.point("beta", "v3.0.0").status(201);
    api.point("latest", "v3.0.0").status(201);
    api.developer().delete(format!("{}/v3.0.0", api.releases())).send().status(200);
    assert_eq!(api.anonymous().get(api.channels()).send().status(200).text, "[]");
    leads_to(&api, "beta", None);
    leads_to(&api, "latest", Some("v2.0.0-rc.1"));
}
