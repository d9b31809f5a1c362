//! docs/contract.md, "Permanent links": the selectors after `permalink`, and what they take from the query.

use serde_json::json;

use crate::harness::{Api, Caller, encoded};

const EXTERNAL: &str = "https://gitlab.example.com";
const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;

/// The tags of [`versions`], in the order of their dates.
const TAGS: [&str; 9] =
    ["v1.10.0", "v1.9.0", "v2.0.0", "cli/v3.0.0", "pkg-0.5.0-a", "v2.1.0-rc.1", "nightly", "v1.10.1", "v3.0.0-rc.1"];

/// A public project with a release for each of [`TAGS`], a day after each other.
fn versions() -> Api {
    let api = Api::public().emptied();
    for (day, tag) in (10..).zip(TAGS) {
        api.released(tag, &format!("2020-01-{day}"));
    }
    api
}

/// Asserts that the selector leads to the release, and to its asset, from everywhere; `None` is 404.
#[track_caller]
fn selects(api: &Api, selector: &str, query: &str, tag: Option<&str>) {
    for base in api.bases() {
        let below = format!("{base}/permalink/{selector}");
        for method in ["GET", "HEAD"] {
            let ask = |suffix: &str| api.anonymous().request(method, format!("{below}{suffix}{query}")).send();
            let Some(tag) = tag else {
                let refusal = if method == "GET" { NOT_FOUND } else { "" };
                for suffix in ["", "/assets/links", "/downloads/bin/a"] {
                    assert_eq!(ask(suffix).status(404).text, refusal, "{below}{suffix}{query}");
                }
                continue;
            };
            let under = if base.starts_with("/api/") { api.releases() } else { base.clone() };
            for (suffix, location) in [
                ("", format!("{EXTERNAL}{under}/{}", encoded(tag))),
                ("/assets/links", format!("{EXTERNAL}{under}/{}/assets/links", encoded(tag))),
                ("/downloads/bin/a", format!("https://{tag}.example")),
            ] {
                let answer = ask(suffix).status(302);
                assert_eq!(answer.header("location"), Some(location.as_str()), "{below}{suffix}{query}");
                assert_eq!(answer.header("x-release-tag"), Some(encoded(tag).as_str()), "{below}{suffix}{query}");
            }
        }
    }
}

#[test]
fn a_line_is_its_highest_version_without_a_prefix() {
    let api = versions();
    for (selector, tag) in [
        ("1", Some("v1.10.1")),
        ("1.x", Some("v1.10.1")),
        ("v1", Some("v1.10.1")),
        ("v1.x", Some("v1.10.1")),
        ("1%2Ex", Some("v1.10.1")),
        ("1.9", Some("v1.9.0")),
        ("1.9.x", Some("v1.9.0")),
        ("v1.10.x", Some("v1.10.1")),
        ("2", Some("v2.0.0")),
        ("0", None),
        ("1.1", None),
        ("4.x", None),
    ] {
        selects(&api, selector, "", tag);
    }
}

#[test]
fn a_prefix_chooses_among_its_own_tags_by_version() {
    let api = versions();
    for (selector, tag) in [
        ("cli%2Flatest", Some("cli/v3.0.0")),
        ("cli%2f3.x", Some("cli/v3.0.0")),
        ("cli%2Fv3.0", Some("cli/v3.0.0")),
        ("pkg-latest", Some("pkg-0.5.0-a")),
        ("cli-latest", None),
        ("cli%2F1", None),
        ("pkg%2Flatest", None),
    ] {
        selects(&api, selector, "", tag);
    }
    selects(&api, "cli%2Flatest", "?order_by=released_at", Some("cli/v3.0.0"));
}

#[test]
fn what_is_no_selector_is_404() {
    let api = versions();
    for selector in ["Latest", "01", "1.02", "1.x.x", "1.2.3", "x", "V1", "latest%2F", "latest-", "%20latest", "v", "-"]
    {
        selects(&api, selector, "", None);
    }
    selects(&api, "9223372036854775808", "", None);
}

#[test]
fn latest_is_by_date_or_by_version_and_another_order_is_ignored() {
    let api = versions();
    for query in ["", "?order_by=released_at", "?order_by=", "?order_by=tag", "?order_by[]=semver", "?order_by=SEMVER"]
    {
        selects(&api, "latest", query, Some("v3.0.0-rc.1"));
    }
    selects(&api, "latest", "?order_by=semver", Some("v2.0.0"));
}

#[test]
fn prereleases_count_by_date_and_by_version_where_there_is_nothing_else() {
    let api = versions();
    for (selector, query, tag) in [
        ("latest", "?prerelease=false", Some("v1.10.1")),
        ("latest", "?prerelease=0", Some("v1.10.1")),
        ("latest", "?prerelease=true", Some("v3.0.0-rc.1")),
        ("latest", "?prerelease=", Some("v3.0.0-rc.1")),
        ("latest", "?order_by=semver&prerelease=true", Some("v3.0.0-rc.1")),
        ("latest", "?order_by=semver&prerelease=false", Some("v2.0.0")),
        ("2", "?prerelease=1", Some("v2.1.0-rc.1")),
        ("2", "", Some("v2.0.0")),
        ("3", "", Some("v3.0.0-rc.1")),
        ("3", "?prerelease=false", None),
        ("pkg-0.5", "", Some("pkg-0.5.0-a")),
    ] {
        selects(&api, selector, query, tag);
    }
}

#[test]
fn an_upcoming_release_never_counts() {
    let api = versions();
    api.released("v1.99.0", "2221-01-01");
    api.released("v5.0.0", "2221-01-01");
    selects(&api, "1", "", Some("v1.10.1"));
    selects(&api, "latest", "?order_by=semver", Some("v2.0.0"));
    selects(&api, "5", "", None);
}

#[test]
fn of_equal_versions_the_last_released_counts() {
    let api = Api::public().emptied();
    for (tag, day) in [("v1.0.0+a", "2020-01-01"), ("v1.0.0+c", "2020-01-03"), ("v1.0.0+b", "2020-01-02")] {
        api.release_on(tag, day);
    }
    let newest = api.anonymous().get(api.releases() + "/permalink/1").send().status(302);
    assert_eq!(newest.header("x-release-tag"), Some("v1.0.0%2Bc"));
}

impl Api {
    /// Makes a release of that day without links.
    #[track_caller]
    fn release_on(&self, tag: &str, day: &str) {
        let draft = json!({ "tag_name": tag, "released_at": day });
        self.developer().post(self.releases()).json(draft).send().status(201);
    }
}

#[test]
fn having_searches_for_the_first_release_with_the_asset() {
    let api = versions();
    for (tag, day) in [("v1.11.0", "2020-02-01"), ("v2.2.0", "2020-02-02"), ("v4.0.0-rc.1", "2020-02-03")] {
        api.release_on(tag, day);
    }
    for base in api.bases() {
        let ask = |address: &str| api.anonymous().get(format!("{base}/permalink/{address}")).send();
        for (address, tag) in [
            ("latest/downloads/bin/a?having=true", "v3.0.0-rc.1"),
            ("latest/downloads%2Fbin%2Fa?having=1", "v3.0.0-rc.1"),
            ("latest/downloads/bin/a?having=true&prerelease=false", "v1.10.1"),
            ("latest/downloads/bin/a?having=true&order_by=semver", "v2.0.0"),
            ("1.x/downloads/bin/a?having=true", "v1.10.1"),
            ("2/downloads/bin/a?having=true&prerelease=true", "v2.1.0-rc.1"),
        ] {
            let answer = ask(address).status(302);
            assert_eq!(answer.header("location"), Some(format!("https://{tag}.example").as_str()), "{address}");
            assert_eq!(answer.header("x-release-tag"), Some(encoded(tag).as_str()), "{address}");
        }
        for absent in [
            "latest/downloads/bin/a",
            "latest/downloads/bin/a?having=false",
            "1.x/downloads/bin/a",
            "1.11/downloads/bin/a?having=true",
            "latest/downloads/bin/b?having=true",
        ] {
            assert_eq!(ask(absent).status(404).text, NOT_FOUND, "{absent}");
        }
        // Without an asset to look for, it is ignored.
        assert_eq!(ask("1?having=true").status(302).header("x-release-tag"), Some("v1.11.0"));
    }
}

#[test]
fn with_having_too_prereleases_count_only_where_there_is_nothing_else() {
    let api = Api::public().emptied();
    api.released("v1.1.0-rc.1", "2020-01-01");
    let target = format!("{}/permalink/1/downloads/bin/a?having=true", api.releases());
    assert_eq!(api.anonymous().get(&target).send().status(302).header("x-release-tag"), Some("v1.1.0-rc.1"));
    api.release_on("v1.0.0", "2020-01-02");
    api.anonymous().get(&target).send().is(404, NOT_FOUND);
}

#[test]
fn a_word_that_is_no_boolean_is_refused_before_authentication() {
    let (api, hidden) = (versions(), Api::private());
    let refusal = r#"{"error":"prerelease is invalid"}"#;
    for base in api.bases().into_iter().chain(hidden.bases()) {
        for suffix in ["latest", "nothing", "1/assets/links", "latest/downloads/bin/a"] {
            for query in ["?prerelease=maybe", "?prerelease[]=true", "?prerelease=yes&private_token=unknown"] {
                api.anonymous().get(format!("{base}/permalink/{suffix}{query}")).send().is(400, refusal);
            }
            let both = format!("{base}/permalink/{suffix}?having=2&prerelease=t");
            api.anonymous().get(both).send().is(400, r#"{"error":"prerelease is invalid, having is invalid"}"#);
        }
    }
}

#[test]
fn a_redirect_to_a_release_keeps_the_query_without_what_chose_the_release() {
    let api = versions();
    for base in api.bases() {
        let query = "?order_by=semver&per_page=2&prerelease=true&a%5Bb%5D=c&having=true&havin=1";
        let answer = api.anonymous().get(format!("{base}/permalink/latest/assets/links{query}")).send().status(302);
        let location = answer.header("location").unwrap().to_owned();
        assert!(location.ends_with("/v3.0.0-rc.1/assets/links?per_page=2&a%5Bb%5D=c&havin=1"), "{location}");
    }
}

#[test]
fn an_old_address_with_a_selector_leads_to_the_new_one_and_its_asset_straight_to_the_target() {
    let api = versions();
    let old = api.path.clone();
    let name = format!("{}-new", old.rsplit('/').next().unwrap());
    api.admin().put(format!("/api/v4/projects/{}", api.project)).json(json!({ "path": name })).send().status(200);
    let web = format!("/{old}/-/releases/permalink");
    let moved =
        api.anonymous().get(format!("{web}/1.x?prerelease=true&having=true&order_by=semver")).send().status(301);
    let expected = format!("{EXTERNAL}/{old}-new/-/releases/permalink/1.x?prerelease=true&having=true&order_by=semver");
    assert_eq!(moved.header("location"), Some(expected.as_str()));
    let asset = api.anonymous().get(format!("{web}/1.x/downloads/bin/a")).send().status(302);
    assert_eq!(asset.header("location"), Some("https://v1.10.1.example"));
}

#[test]
fn whoever_may_read_the_links_may_use_every_selector_and_nobody_else() {
    for api in [Api::public(), Api::internal(), Api::private()] {
        api.released("v1.8.0", "2020-01-01");
        let callers: [Caller; 4] = [api.anonymous(), api.stranger(), api.guest(), api.admin()];
        for caller in callers {
            let links = caller.get(api.links()).send();
            for base in api.bases() {
                for selector in ["1", "1/assets/links", "1.x/downloads/bin/a", "1/downloads/bin/a?having=true"] {
                    let answer = caller.get(format!("{base}/permalink/{selector}")).send();
                    if links.status == 200 {
                        assert_eq!(answer.status, 302, "{base}/permalink/{selector}");
                    } else {
                        assert_eq!((answer.status, &answer.text), (links.status, &links.text));
                        assert_eq!((answer.header("location"), answer.header("x-release-tag")), (None, None));
                    }
                }
                let none = caller.get(format!("{base}/permalink/nothing")).send();
                let expected = if links.status == 200 { NOT_FOUND } else { links.text.as_str() };
                assert_eq!(none.status(404).text, expected);
            }
        }
    }
}

#[test]
fn the_routes_of_a_tag_that_is_called_permalink_win_over_selectors() {
    let api = Api::public().emptied();
    api.released("permalink", "2020-01-01");
    api.released("v1.0.0", "2021-01-01");
    for base in api.bases() {
        let download = api.guest().get(format!("{base}/permalink/downloads/bin/a")).send().status(302);
        assert_eq!(download.header("location"), Some("https://permalink.example"));
    }
    let links = api.guest().get(format!("{}/permalink/assets/links", api.releases())).send().status(200).json();
    assert_eq!(links[0]["url"], "https://permalink.example");
    selects(&api, "1", "", Some("v1.0.0"));
    selects(&api, "downloads", "", None);
}
