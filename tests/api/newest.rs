//! docs/contract.md, "Permanent links": permanent links on the API, `permalink/latest` in both forms, and who may follow them.

use serde_json::json;

use crate::harness::{Api, Caller, Response, encoded};

const EXTERNAL: &str = "https://gitlab.example.com";
const MALFORMED: &str = r#"{"error":"400 Bad Request"}"#;

impl Api {
    /// What stands before `permalink/latest` or a tag: on the web, by id on the API, by path on the API.
    pub fn bases(&self) -> [String; 3] {
        [
            format!("/{}/-/releases", self.path),
            self.releases(),
            format!("/api/v4/projects/{}/releases", encoded(&self.path)),
        ]
    }

    /// Makes a release of that day whose only link has the path `/bin/a`, and leads to a host named as the tag.
    #[track_caller]
    pub fn released(&self, tag: &str, day: &str) {
        let link = json!({ "name": "a", "url": format!("https://{tag}.example"), "filepath": "/bin/a" });
        let draft = json!({ "tag_name": tag, "released_at": day, "assets": { "links": [link] } });
        self.developer().post(self.releases()).json(draft).send().status(201);
    }

    /// A project without a release.
    #[track_caller]
    pub fn emptied(self) -> Self {
        self.developer().delete(format!("{}/v1.7.0", self.releases())).send().status(200);
        self
    }
}

#[track_caller]
fn leads_to(answer: Response, location: &str) {
    let answer = answer.status(302);
    assert_eq!(answer.header("location"), Some(location));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.header("cache-control"), Some("max-age=0, private, must-revalidate"));
}

#[track_caller]
fn get_and_head_lead_to(caller: &Caller, target: &str, location: &str) {
    for method in ["GET", "HEAD"] {
        leads_to(caller.request(method, target).send(), location);
    }
}

#[test]
fn a_download_on_the_api_is_302_to_the_url() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "https://bücher.example/x y", "filepath": "/bin/deep/a" })).status(201);
    for base in api.bases() {
        for path in ["bin/deep/a", "bin%2Fdeep%2Fa", "%62in/deep/a", "/bin//deep/a", "bin/deep/a/"] {
            let target = format!("{base}/v1.7.0/downloads/{path}?x=y");
            get_and_head_lead_to(&api.anonymous(), &target, "https://xn--bcher-kva.example/x%20y");
        }
        for unknown in [
            "v1.7.0/downloads/bin/a",
            "v9/downloads/bin/deep/a",
            "v1.7.0/downloads/bin/deep/a%2F",
            "v1.7.0/downloads/%2Fbin/deep/a",
        ] {
            let target = format!("{base}/{unknown}");
            api.anonymous().get(&target).send().is(404, r#"{"message":"404 Not found"}"#);
            api.anonymous().request("HEAD", &target).send().status(404);
        }
    }
}

#[test]
fn latest_downloads_lead_straight_to_the_target() {
    let api = Api::public().emptied();
    api.released("v1", "2020-01-01");
    api.released("v2", "2021-01-01");
    for base in api.bases() {
        let target = format!("{base}/permalink/latest/downloads/bin/a?order_by=released_at");
        get_and_head_lead_to(&api.anonymous(), &target, "https://v2.example");
        leads_to(
            api.anonymous().get(format!("{base}/permalink/latest/downloads/bin%2Fa")).send(),
            "https://v2.example",
        );
        for suffix in ["downloads//bin/a", "downloads/bin/a/", "downloads%2Fbin%2Fa", "downloads%2fbin/a"] {
            leads_to(api.anonymous().get(format!("{base}/permalink/latest/{suffix}")).send(), "https://v2.example");
        }
        for path in ["bin/b", "%2Fbin/a", "bin/a%2F"] {
            api.anonymous().get(format!("{base}/permalink/latest/downloads/{path}")).send().status(404);
        }
    }
}

#[test]
fn the_newest_release_is_the_last_released_that_is_not_upcoming_and_of_ties_the_last_made() {
    let api = Api::public().emptied();
    for (tag, day, newest) in [
        ("b", "2020-01-02", "b"),
        ("a", "2020-01-01", "b"),
        ("c", "2020-01-02", "c"),
        ("next", "2221-01-01", "c"),
        ("z", "2020-01-01", "c"),
    ] {
        api.released(tag, day);
        for base in api.bases() {
            let target = format!("{base}/permalink/latest/downloads/bin/a");
            leads_to(api.guest().get(target).send(), &format!("https://{newest}.example"));
        }
        let location = format!("{EXTERNAL}/{}/-/releases/{newest}", api.path);
        leads_to(api.guest().get(format!("/{}/-/releases/permalink/latest", api.path)).send(), &location);
    }
    let release = |tag: &str| format!("{}/{tag}", api.releases());
    api.developer().put(release("a")).json(r#"{"released_at":"2021-01-01"}"#).send().status(200);
    leads_to(api.guest().get(api.releases() + "/permalink/latest").send(), &format!("{EXTERNAL}{}", release("a")));
    api.developer().delete(release("a")).send().status(200);
    leads_to(api.guest().get(api.releases() + "/permalink/latest").send(), &format!("{EXTERNAL}{}", release("c")));
}

#[test]
fn latest_with_another_suffix_leads_to_the_same_path_under_the_newest_release() {
    let api = Api::public();
    api.released("rel/2 +", "2034-01-01");
    api.developer()
        .put(format!("{}/rel%2F2%20+", api.releases()))
        .json(r#"{"released_at":"2020-01-01"}"#)
        .send()
        .status(200);
    api.developer().delete(format!("{}/v1.7.0", api.releases())).send().status(200);
    let (on_web, on_api) = (
        format!("{EXTERNAL}/{}/-/releases/rel%2F2%20%2B", api.path),
        format!("{EXTERNAL}{}/rel%2F2%20%2B", api.releases()),
    );
    let secret = api.guest().token().to_owned();
    for (suffix, kept) in [
        (String::new(), ""),
        ("/".to_owned(), ""),
        ("/assets/links".to_owned(), "/assets/links"),
        ("/evidence.json".to_owned(), "/evidence.json"),
        ("/downloads".to_owned(), "/downloads"),
        ("/a%2Fb%20c/...".to_owned(), "/a%2Fb%20c/..."),
        ("/assets/links?order_by=released_at&per_page=1&x=%26".to_owned(), "/assets/links?per_page=1&x=%26"),
        (format!("?private_token={secret}&page=2&access_token=&job_token="), "?page=2"),
        ("?order_by=released_at".to_owned(), ""),
        (r#"/{a}|b"?c={d}"#.to_owned(), "/%7Ba%7D%7Cb%22?c=%7Bd%7D"),
    ] {
        for (base, newest) in api.bases().into_iter().zip([&on_web, &on_api, &on_api]) {
            let target = format!("{base}/permalink/latest{suffix}");
            get_and_head_lead_to(&api.anonymous(), &target, &format!("{newest}{kept}"));
        }
    }
    let shown = |target: &str| api.guest().get(target.strip_prefix(EXTERNAL).unwrap()).send().status(200).json();
    assert_eq!(shown(&on_web)["tag_name"], "rel/2 +");
    assert_eq!(shown(&on_api)["tag_name"], "rel/2 +");
    assert_eq!(shown(&format!("{on_api}/assets/links"))[0]["name"], "a");
}

#[test]
fn without_a_release_latest_is_404() {
    let api = Api::public().emptied();
    let empty = |target: &str| {
        api.anonymous().get(target).send().status(404);
        api.anonymous().request("HEAD", target).send().status(404);
    };
    for base in api.bases() {
        empty(&format!("{base}/permalink/latest"));
        empty(&format!("{base}/permalink/latest/assets/links"));
        empty(&format!("{base}/permalink/latest/downloads/bin/a"));
    }
    api.released("next", "2221-01-01");
    empty(&format!("{}/permalink/latest", api.releases()));
    empty(&format!("{}/permalink/latest/downloads/bin/a", api.releases()));
}

#[test]
fn a_segment_of_two_dots_is_400_on_every_route_that_redirects() {
    let api = Api::public();
    let hidden = Api::private();
    for base in api.bases().into_iter().chain(hidden.bases()) {
        for route in ["v1.7.0/downloads", "permalink/latest/downloads", "permalink/latest"] {
            for path in ["..", "../x", "x/..", "x/../y", "%2e%2e", ".%2E/x", "x%2F..", "..%2fx", "x%2F%2e%2E%2Fy"] {
                api.anonymous().get(format!("{base}/{route}/{path}")).send().is(400, MALFORMED);
            }
        }
        assert_ne!(api.anonymous().get(format!("{base}/permalink/latest/...")).send().status, 400);
    }
}

#[test]
fn latest_wins_over_a_tag_that_is_called_permalink() {
    let api = Api::public().emptied();
    api.released("permalink", "2020-01-01");
    api.released("permalink/latest", "2021-01-01");
    api.released("v3", "2022-01-01");
    for base in api.bases() {
        let lead = |path: &str| api.guest().get(format!("{base}/{path}")).send();
        leads_to(lead("permalink/latest/downloads/bin/a"), "https://v3.example");
        leads_to(lead("permalink/downloads/bin/a"), "https://permalink.example");
        leads_to(lead("permalink%2Flatest/downloads/bin/a"), "https://permalink/latest.example");
        assert_eq!(lead("permalink").status(200).json()["tag_name"], "permalink");
        assert_eq!(lead("permalink%2Flatest").status(200).json()["tag_name"], "permalink/latest");
        lead("permalink/latest").status(302);
    }
}

#[test]
fn an_asset_path_that_looks_like_a_route_is_an_asset_path() {
    let api = Api::public();
    let (one, two) = ("/-/releases/permalink/latest/downloads/bin/a", "/-/releases/v9/downloads/bin/a");
    for (name, path) in [("one", one), ("two", two)] {
        api.create(&json!({ "name": name, "url": format!("https://{name}.example"), "filepath": path })).status(201);
    }
    for base in api.bases() {
        for release in ["v1.7.0", "permalink/latest"] {
            for (name, path) in [("one", one), ("two", two)] {
                let target = format!("{base}/{release}/downloads{path}");
                leads_to(api.guest().get(target).send(), &format!("https://{name}.example"));
            }
        }
    }
}

#[test]
fn whoever_may_read_the_links_may_follow_every_redirect_and_nobody_else() {
    for api in [Api::public(), Api::internal(), Api::private()] {
        api.create(&json!({ "name": "a", "url": "https://a.example", "filepath": "/bin/a" })).status(201);
        let without_a_scope = api.newcomer(30, "read_user");
        for caller in [api.anonymous(), api.stranger(), api.guest(), api.developer(), api.admin(), without_a_scope] {
            let links = caller.get(api.links()).send();
            for base in api.bases() {
                for route in [
                    "v1.7.0/downloads/bin/a",
                    "permalink/latest/downloads/bin/a",
                    "permalink/latest",
                    "permalink/latest/assets/links",
                ] {
                    let answer = caller.get(format!("{base}/{route}")).send();
                    if links.status == 200 {
                        assert_eq!(answer.status, 302, "{base}/{route}");
                    } else {
                        assert_eq!((answer.status, &answer.text), (links.status, &links.text), "{base}/{route}");
                        assert_eq!(answer.header("location"), None);
                    }
                }
            }
        }
    }
}

#[test]
fn each_means_of_sending_a_token_works_on_every_redirect() {
    let api = Api::private();
    api.create(&json!({ "name": "a", "url": "https://a.example", "filepath": "/bin/a" })).status(201);
    let token = api.guest().token().to_owned();
    for base in api.bases() {
        for route in ["v1.7.0/downloads/bin/a", "permalink/latest/downloads/bin/a", "permalink/latest"] {
            let target = format!("{base}/{route}");
            for request in [
                api.anonymous().get(&target).header("PRIVATE-TOKEN", &token),
                api.anonymous().get(&target).header("Authorization", format!("Bearer {token}")),
                api.anonymous().get(format!("{target}?private_token={token}")),
                api.anonymous().get(format!("{target}?access_token={token}")),
            ] {
                let answer = request.send().status(302);
                assert!(!answer.header("location").unwrap().contains(&token));
            }
            let unknown = api.anonymous().get(format!("{target}?private_token=unknown")).send();
            unknown.is(401, r#"{"message":"401 Unauthorized"}"#);
        }
    }
}

#[test]
fn the_web_address_holds_the_full_path_and_no_id() {
    let api = Api::public();
    for route in ["v1.7.0", "permalink/latest", "permalink/latest/downloads/bin/a"] {
        api.guest().get(format!("/{}/-/releases/{route}", api.project)).send().is(404, r#"{"error":"404 Not Found"}"#);
    }
}

#[test]
fn redirects_are_for_reading() {
    let api = Api::public();
    for base in api.bases() {
        for route in
            ["v1.7.0/downloads/bin/a", "permalink/latest/downloads/bin/a", "permalink/latest", "permalink/latest/x"]
        {
            for method in ["POST", "PUT", "DELETE"] {
                let answer = api.developer().request(method, format!("{base}/{route}")).send();
                answer.is(405, r#"{"error":"405 Not Allowed"}"#);
                assert_eq!(answer.header("allow"), Some("GET, HEAD"));
            }
        }
    }
}
