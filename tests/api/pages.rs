//! docs/contract.md, "Pages": pages, feeds and badges.

use serde_json::json;

use crate::harness::{Api, Request, Response};

/// What Chromium sends.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
const EXTERNAL: &str = "https://gitlab.example.com";
const HTML: &str = "text/html; charset=utf-8";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

trait AsABrowser {
    fn page(self) -> Response;
}

impl AsABrowser for Request {
    /// Sends the request with a browser's `Accept`; the answer is always a page.
    #[track_caller]
    fn page(self) -> Response {
        let answer = self.header("Accept", BROWSER).send();
        assert_eq!(answer.header("content-type"), Some(HTML), "{answer:?}");
        assert_eq!(answer.header("vary"), Some("Accept"));
        assert_eq!(
            answer.header("content-security-policy"),
            Some(
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("set-cookie"), None);
        answer
    }
}

/// The web address of a release of the project.
fn release(api: &Api, tag: &str) -> String {
    format!("/{}/-/releases/{tag}", api.path)
}

#[track_caller]
fn shows(answer: &Response, parts: &[&str]) {
    let mut rest = answer.text.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?}, or not in this order:\n{}", answer.text));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn a_release_is_a_page_for_whoever_prefers_html_and_json_for_everybody_else() {
    let api = Api::public();
    let target = release(&api, "v1.7.0");
    let json = api.anonymous().get(format!("{}/v1.7.0", api.releases())).send().status(200).text;
    for accept in [None, Some("*/*"), Some("application/json"), Some("text/html, application/json"), Some("html")] {
        let request = api.anonymous().get(&target);
        let answer = match accept {
            Some(accept) => request.header("Accept", accept).send(),
            None => request.send(),
        };
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{accept:?}");
        assert_eq!((answer.text.as_str(), answer.header("vary")), (json.as_str(), Some("Accept")), "{accept:?}");
    }
    let page = api.anonymous().get(&target).page().status(200);
    let etag = page.header("etag").expect("a page has an ETag").to_owned();
    let known = api.anonymous().get(&target).header("Accept", BROWSER).header("If-None-Match", etag).send();
    assert_eq!((known.status, known.header("vary"), known.text.as_str()), (304, Some("Accept"), ""));
    assert_eq!(api.anonymous().request("HEAD", &target).page().status(200).text, "");
}

#[test]
fn the_page_shows_the_release_and_its_links_in_sections() {
    let api = Api::public();
    let draft = json!({
        "tag_name": "v2/ä", "name": "Second", "description": "It *works*.", "released_at": "2026-03-02T10:00:00Z",
        "assets": { "links": [
            { "name": "Notes", "url": "https://docs.example/n", "link_type": "runbook" },
            { "name": "Tool", "url": "https://files.example/t", "link_type": "package", "filepath": "/bin/tool",
              "digest": format!("sha256:{SHA256}"), "size": 1_572_864 },
            { "name": "Image", "url": "https://images.example/i?a=b", "link_type": "image" },
            { "name": "Rest", "url": "https://other.example/r" },
        ]},
    });
    api.developer().post(api.releases()).json(draft).send().status(201);
    let page = api.guest().get(release(&api, "v2%2F%C3%A4")).page().status(200);
    let address = format!("{EXTERNAL}/{}/-/releases/v2%2F%C3%A4", api.path);
    let asset = format!("{address}/downloads/bin/tool");
    shows(
        &page,
        &[
            &format!("<title>Second · {}</title>", api.path),
            r#"<meta property="og:title" content="Second">"#,
            &format!(r#"<link rel="canonical" href="{address}">"#),
            "<h1>Second</h1>",
            r#"<time datetime="2026-03-02T10:00:00.000Z">2 March 2026</time>"#,
            "<code>v2/ä</code>",
            "<p>It <em>works</em>.</p>",
            "<h3>Images</h3>",
            r#"<a href="https://images.example/i?a=b">Image</a>"#,
            "<h3>Packages</h3>",
            &format!(r#"<a href="{asset}">Tool</a>"#),
            "1.5 MiB",
            &format!("sha256:{SHA256}"),
            &format!("curl -fLO {asset} &#38;&#38; echo &#39;{SHA256}  tool&#39; | sha256sum -c"),
            "<h3>Runbooks</h3>",
            "<h3>Other</h3>",
            &format!(r#"<a href="{address}/downloads/SHA256SUMS">SHA256SUMS</a>"#),
        ],
    );
    assert!(!page.text.contains("SHA512SUMS") && !page.text.contains("Upcoming"));
}

#[test]
fn only_the_newest_release_is_called_latest_and_one_in_the_future_upcoming() {
    let api = Api::public();
    for (tag, day) in [("old", "2020-01-01"), ("later", "2999-01-01")] {
        let draft = json!({ "tag_name": tag, "released_at": day });
        api.developer().post(api.releases()).json(draft).send().status(201);
    }
    for (tag, latest, upcoming) in [("v1.7.0", true, false), ("old", false, false), ("later", false, true)] {
        let page = api.guest().get(release(&api, tag)).page().status(200).text;
        assert_eq!((page.contains(">Latest<"), page.contains(">Upcoming<")), (latest, upcoming), "{tag}");
    }
}

#[test]
fn an_immutable_release_says_so_on_its_page_and_in_the_list() {
    let api = Api::public();
    api.release("plain");
    api.freeze("v1.7.0");
    for (target, count) in [(release(&api, "v1.7.0"), 1), (release(&api, "plain"), 0), (list(&api), 1)] {
        let page = api.guest().get(&target).page().status(200).text;
        assert_eq!(page.matches(">Immutable<").count(), count, "{target}");
    }
}

/// The web address of the history of a release.
fn history(api: &Api, tag: &str) -> String {
    release(api, tag) + "/history"
}

#[test]
fn a_history_is_a_page_and_json_and_the_page_of_its_release_leads_to_it() {
    let api = Api::public();
    let page = api.guest().get(release(&api, "v1.7.0")).page().status(200);
    shows(&page, &[&format!(r#"<a href="{EXTERNAL}{}">History</a>"#, history(&api, "v1.7.0"))]);
    let link = json!({ "name": "Tool", "url": "https://files.example/1", "filepath": "/bin/tool" });
    let link = api.create(&link).status(201).id();
    let change = json!({ "url": "https://files.example/2", "digest": format!("sha256:{SHA256}"), "size": 7 });
    api.developer().put(api.link(link)).json(change).send().status(200);
    let channel = format!("/api/v4/projects/{}/release_channels/beta", api.project);
    api.developer().put(&channel).json(json!({ "tag_name": "v1.7.0" })).send().status(201);
    api.freeze("v1.7.0");
    let target = history(&api, "v1.7.0");
    let page = api.guest().get(&target).page().status(200);
    shows(
        &page,
        &[
            &format!("<title>History of v1.7.0 · {}</title>", api.path),
            &format!(r#"<a href="{EXTERNAL}{}">v1.7.0</a>"#, release(&api, "v1.7.0")),
            "<h3>Made immutable</h3>",
            "<h3>Channel set: beta</h3>",
            "<dt>Release</dt>\n<dd><ins>v1.7.0</ins></dd>",
            "<h3>Link changed: Tool</h3>",
            "<dt>URL</dt>\n<dd><del>https://files.example/1</del></dd>\n<dd><ins>https://files.example/2</ins></dd>",
            &format!("<dt>Digest</dt>\n<dd><ins>sha256:{SHA256}</ins></dd>"),
            "<dt>Size</dt>\n<dd><ins>7</ins></dd>",
            "<h3>Link created: Tool</h3>",
            "<dt>Path</dt>\n<dd><ins>/bin/tool</ins></dd>",
            "<h3>Release created</h3>",
        ],
    );
    assert!(!page.text.contains("<li>by ") && page.text.matches("<dt>Path</dt>").count() == 1, "{}", page.text);
    let user = api.developer().get("/api/v4/user").send().json()["username"].as_str().unwrap().to_owned();
    let by = format!("<li>by {user}</li>");
    assert_eq!(api.developer().get(&target).page().status(200).text.matches(&by).count(), 3);
    for query in ["", "?action=link.update", "?path=/bin/tool&at=2999-01-01"] {
        let json = api.guest().get(api.history("v1.7.0") + query).send().status(200);
        let on_the_web = api.guest().get(format!("{target}{query}")).send().status(200);
        assert_eq!((&on_the_web.text, on_the_web.header("vary")), (&json.text, Some("Accept")));
    }
    let found = api.guest().get(format!("{target}?action=link.update")).page().status(200).text;
    assert_eq!(found.matches("<h3>").count(), 1);
}

#[test]
fn the_page_of_a_history_shows_where_a_permanent_link_led() {
    let api = Api::public();
    let link = json!({ "name": "Tool", "url": "https://files.example/x y", "filepath": "/bin/tool" });
    api.create(&link).status(201);
    let asked = format!("{}?path=/bin/tool&at=2999-01-01", history(&api, "v1.7.0"));
    let page = api.guest().get(&asked).page().status(200);
    let led = r#"<a href="https://files.example/x%20y">https://files.example/x y</a>"#;
    shows(
        &page,
        &["<code>/bin/tool</code>", "2999-01-01T00:00:00.000Z", led, "and it still does", "<h3>Link created: Tool"],
    );
    api.guest().get(asked.replace("/bin/tool", "/bin/other")).page().status(404);
    api.guest().get(asked.replace("2999-01-01", "x")).page().status(400);
}

#[test]
fn a_history_is_cut_into_pages_of_20_and_its_values_are_cut_too() {
    let api = Api::public();
    let long = "é".repeat(2_049);
    for description in (0..20).map(|number| format!("{number}{long}")) {
        let change = json!({ "description": description });
        api.developer().put(api.release_address("v1.7.0")).json(change).send().status(200);
    }
    let target = history(&api, "v1.7.0") + "?action=release.update&private_token=&name=";
    let all = history(&api, "v1.7.0");
    for (page, rows, others) in
        [("1", 20, vec![r#"<a rel="next" href="?page=2">"#]), ("2", 1, vec![r#"<a rel="prev" href="?page=1">"#])]
    {
        let shown = api.guest().get(format!("{all}?page={page}&per_page=100")).page().status(200);
        assert_eq!(shown.text.matches("<h3>").count(), rows, "{page}");
        shows(&shown, &others);
        assert!(!shown.text.contains(&long), "a value that is not cut");
    }
    let filtered = api.guest().get(format!("{all}?page=2&action=release.update&private_token=")).page().status(200);
    shows(&filtered, &[r#"<a rel="prev" href="?action=release.update&#38;page=1">"#]);
    assert!(!api.guest().get(target).page().text.contains("<h3>"));
}

#[test]
fn a_hostile_history_stays_text() {
    let api = Api::public();
    let hostile = r#""><script>alert(1)</script>"#;
    let link = json!({ "name": hostile, "url": format!("https://h/{hostile}") });
    api.create(&link).status(201);
    let change = json!({ "name": hostile, "description": hostile });
    api.developer().put(api.release_address("v1.7.0")).json(change).send().status(200);
    let page = api.developer().get(history(&api, "v1.7.0")).page().status(200).text;
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script"), "{page}");
}

#[test]
fn hostile_names_descriptions_and_addresses_stay_text() {
    let api = Api::public();
    let hostile = r#""><script>alert(1)</script><img src=x onerror=alert(1)>'{{ 7*7 }}"#;
    let draft = json!({
        "tag_name": format!("v\"><b>{hostile}").replace('/', "-"), "name": hostile,
        "description": format!("{hostile}\n\n[a](javascript:alert(1)) ![i](https://elsewhere.example/i.png)\n\n<iframe src=//x>"),
        "assets": { "links": [
            { "name": hostile, "url": "https://h/\"onmouseover=\"alert(1)'<script>" },
            { "name": "plain", "url": "https://h/'onmouseover='alert(1)" },
        ]},
    });
    let made = api.developer().post(api.releases()).json(draft).send();
    let tag = made.status(201).json()["tag_name"].as_str().unwrap().to_owned();
    let page = api.guest().get(release(&api, &crate::harness::encoded(&tag))).page().status(200).text;
    for forbidden in ["<script", "<img", "<iframe", "<b>", "onmouseover=\"", "href=\"javascript"] {
        assert!(!page.contains(forbidden), "{forbidden}: {page}");
    }
    assert!(page.contains("{{ 7*7 }}"), "{page}");
}

#[test]
fn what_is_hidden_or_absent_is_the_same_page_to_the_byte() {
    let private = Api::private();
    let absent = "/no/such/-/releases/v1.7.0";
    for caller in [private.anonymous(), private.stranger()] {
        let hidden = caller.get(release(&private, "v1.7.0")).page().status(404);
        assert_eq!(hidden.text, caller.get(absent).page().status(404).text);
        assert_eq!(hidden.text, caller.get(release(&private, "v9")).page().status(404).text);
        let json = r#"{"message":"404 Project Not Found"}"#;
        for target in [release(&private, "v1.7.0").as_str(), absent] {
            let answer = caller.get(target).send().status(404);
            assert_eq!((answer.text.as_str(), answer.header("vary")), (json, Some("Accept")));
        }
    }
    private.guest().get(release(&private, "v1.7.0")).page().status(200);
    private.guest().get(release(&private, "v9")).page().status(404);
    private.anonymous().get(release(&private, "v1.7.0")).header("PRIVATE-TOKEN", "unknown").page().status(401);
    private.guest().get(release(&private, "v1.7.0?page=x")).page().status(400);
}

#[test]
fn a_project_that_has_moved_redirects_in_every_form() {
    let api = Api::public();
    let old = release(&api, "v1.7.0?page=1");
    let new_path = json!({ "path": "moved" });
    api.admin().put(format!("/api/v4/projects/{}", api.project)).json(new_path).send().status(200);
    for accept in [BROWSER, "*/*"] {
        let answer = api.guest().get(&old).header("Accept", accept).send().status(301);
        let location = format!("{EXTERNAL}/{}/-/releases/v1.7.0?page=1", api.path.replace("hello", "moved"));
        assert_eq!((answer.header("location"), answer.header("vary")), (Some(location.as_str()), Some("Accept")));
    }
}

#[test]
fn the_stylesheet_is_kept_for_good_under_the_address_that_pages_name() {
    let api = Api::public();
    let page = api.anonymous().get(release(&api, "v1.7.0")).page().status(200).text;
    let (_, rest) = page.split_once(r#"rel="stylesheet" href=""#).expect("a stylesheet");
    let address = rest.split('"').next().unwrap();
    let style = api.anonymous().get(address).send().status(200);
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000, immutable"));
    for other in ["/-/style.css", "/-/style.css?v=1"] {
        let other = api.anonymous().get(other).send().status(200);
        assert_eq!(other.header("cache-control"), Some("max-age=0, private, must-revalidate"));
        assert_eq!(other.text, style.text);
    }
}

/// The page of the project.
fn list(api: &Api) -> String {
    format!("/{}/-/releases", api.path)
}

#[test]
fn the_releases_of_a_project_are_a_page_for_everybody_the_newest_first() {
    let api = Api::public();
    for (tag, day) in [("old", "2020-01-01"), ("later", "2999-01-01")] {
        let draft = json!({ "tag_name": tag, "released_at": day, "name": format!("Release {tag}") });
        api.developer().post(api.releases()).json(draft).send().status(201);
    }
    api.developer()
        .post(api.links())
        .json(json!({ "name": "App", "url": "https://e.example/a", "direct_asset_path": "/bin/app" }))
        .send()
        .status(201);
    let page = api.guest().get(list(&api)).page().status(200);
    let address = format!("{EXTERNAL}/{}/-/releases", api.path);
    shows(
        &page,
        &[
            &format!(r#"<link rel="canonical" href="{address}">"#),
            &format!(r#"type="application/atom+xml" title="Releases" href="{address}.atom">"#),
            &format!(r#"<a href="{address}/later">Release later</a>"#),
            ">Upcoming<",
            &format!(r#"<a href="{address}/v1.7.0">"#),
            ">Latest<",
            "1 asset<",
            &format!(r#"<a href="{address}/v1.7.0/downloads/bin/app">App</a>"#),
            &format!(r#"<a href="{address}/old">Release old</a>"#),
            "1 January 2020",
            "No assets",
        ],
    );
    assert_eq!((page.text.matches(">Latest<").count(), page.text.matches(">Upcoming<").count()), (1, 1));
    for target in [list(&api), format!("/{}", api.path)] {
        for accept in ["application/json", "*/*", BROWSER] {
            let same = api.guest().get(&target).header("Accept", accept).send().status(200);
            assert_eq!((same.text.as_str(), same.header("content-type")), (page.text.as_str(), Some(HTML)));
        }
    }
}

#[test]
fn a_list_is_cut_into_pages_of_20() {
    let api = Api::public();
    for number in 1..=20 {
        let draft = json!({ "tag_name": format!("r{number}"), "released_at": "2020-01-01" });
        api.developer().post(api.releases()).json(draft).send().status(201);
    }
    let first = api.guest().get(list(&api)).page().status(200).text;
    let second = api.guest().get(list(&api) + "?page=2").page().status(200).text;
    assert_eq!((first.matches("<h3>").count(), second.matches("<h3>").count()), (20, 1));
    assert!(first.contains(r#"<a rel="next" href="?page=2">"#) && !first.contains(r#"rel="prev""#), "{first}");
    assert!(second.contains(r#"<a rel="prev" href="?page=1">"#) && !second.contains(r#"rel="next""#), "{second}");
    assert!(second.contains(&format!(r#"<link rel="canonical" href="{EXTERNAL}{}?page=2">"#, list(&api))));
    for (page, status) in [("0", 200), ("99", 200), ("99999999999999999999", 200), ("x", 400)] {
        api.guest().get(format!("{}?page={page}", list(&api))).page().status(status);
    }
}

#[test]
fn the_start_page_finds_public_projects_and_no_others() {
    let (public, private) = (Api::public(), Api::private());
    for (caller, api) in [(public.anonymous(), &public), (private.owner(), &private)] {
        let name = api.path.rsplit('/').next().unwrap();
        let page = caller.get(format!("/?search={name}")).header("Accept", "application/json").page().status(200);
        assert!(!page.text.contains(&format!("/{}\"", private.path)), "{}", page.text);
    }
    let page = public.anonymous().get("/").page().status(200).text;
    assert!(page.contains("<h1>Projects</h1>") && !page.contains(&private.path), "{page}");
    let none = public.anonymous().get("/?search=%3Cscript%3E%22").page().status(200).text;
    assert!(none.contains("“&#60;script&#62;&#34;”") && none.contains("value=\"&#60;script&#62;&#34;\""), "{none}");
    public.anonymous().get("/?page=x").page().status(400);
}

#[test]
fn the_addresses_of_a_tag_and_of_a_repository_lead_to_pages() {
    let api = Api::public();
    let tag = format!("/{}/-/tags/v1.7.0", api.path);
    for accept in ["*/*", BROWSER] {
        let answer = api.guest().get(&tag).header("Accept", accept).send().status(302);
        let release = format!("{EXTERNAL}{}", release(&api, "v1.7.0"));
        assert_eq!(answer.header("location"), Some(release.as_str()));
    }
    let answer = api.guest().get(format!("/{}.git?private_token=unused", api.path)).send();
    assert_eq!(answer.status, 401);
    let answer = api.guest().get(format!("/{}.git?a=b", api.path)).send().status(302);
    assert_eq!(answer.header("location"), Some(format!("{EXTERNAL}/{}?a=b", api.path).as_str()));
    api.guest().get(format!("/{}/-/tags/v9", api.path)).page().status(404);
}

#[test]
fn every_address_of_a_project_hides_it_in_the_same_words_as_one_that_is_absent() {
    let private = Api::private();
    for rest in [
        "",
        ".git",
        "/-/releases",
        "/-/releases.atom",
        "/-/badges/release.svg",
        "/-/tags/v1.7.0",
        "/-/releases/v1.7.0/history",
    ] {
        for accept in [BROWSER, "*/*"] {
            let answer = |path: &str| private.stranger().get(format!("/{path}{rest}")).header("Accept", accept).send();
            let (hidden, absent) = (answer(&private.path).status(404), answer("no/such"));
            assert_eq!((hidden.status, &hidden.text), (absent.status, &absent.text), "{rest} {accept}");
            let seen = private.guest().get(format!("/{}{rest}", private.path)).header("Accept", accept).send().status;
            assert!([200, 302].contains(&seen), "{rest} {seen}");
        }
    }
}

#[test]
fn the_feed_has_what_is_out_under_ids_that_no_move_changes() {
    let api = Api::public();
    let hostile = "a <b>&\u{1b}[31m";
    for (tag, day, name) in [("old", "2020-01-01", hostile), ("later", "2999-01-01", "Later")] {
        let draft = json!({ "tag_name": tag, "released_at": day, "name": name, "description": "It *works* & <b>" });
        api.developer().post(api.releases()).json(draft).send().status(201);
    }
    let target = list(&api) + ".atom";
    let feed = api.guest().get(&target).send().status(200);
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    let id = format!("<id>{EXTERNAL}/api/v4/projects/{}/releases</id>", api.project);
    let entry = format!("<id>{EXTERNAL}/api/v4/projects/{}/releases/old</id>", api.project);
    shows(
        &feed,
        &[
            &id,
            &format!(r#"<link rel="self" type="application/atom+xml" href="{EXTERNAL}{target}"/>"#),
            "<updated>",
            &entry,
            "<title>a &#60;b&#62;&#38;\u{fffd}[31m</title>",
            "<published>2020-01-01T00:00:00.000Z</published>",
            "It &#60;em&#62;works&#60;/em&#62; &#38;amp; &#38;lt;b&#38;gt;",
            "</feed>",
        ],
    );
    assert!(!feed.text.contains("Later"), "{}", feed.text);
    let etag = feed.header("etag").expect("an ETag").to_owned();
    api.guest().get(&target).header("If-None-Match", etag).send().status(304);
    api.admin().put(format!("/api/v4/projects/{}", api.project)).json(json!({ "path": "gone" })).send().status(200);
    let moved = format!("/{}/-/releases.atom", api.path.replace("hello", "gone"));
    let moved = api.guest().get(moved).send().status(200).text;
    assert!(moved.contains(&id) && moved.contains(&entry), "{moved}");
}

#[test]
fn the_badge_shows_the_newest_release_in_the_words_and_widths_asked_for() {
    let api = Api::public();
    let target = format!("/{}/-/badges/release.svg", api.path);
    let badge = |query: &str| api.guest().get(format!("{target}{query}")).send();
    let flat = badge("").status(200);
    assert_eq!(flat.header("content-type"), Some("image/svg+xml; charset=utf-8"));
    assert!(flat.header("etag").is_some());
    shows(&flat, &["<title>Latest Release: v1.7.0</title>", "linearGradient"]);
    let asked = badge("?style=flat-square&key_text=%3Cb%3E&key_width=100&value_width=50").status(200);
    shows(&asked, &[r#"width="150" height="20""#, "<title>&#60;b&#62;: v1.7.0</title>"]);
    assert!(!asked.text.contains("linearGradient") && !asked.text.contains("<b>"));
    assert_eq!(badge("?style=x&key_width=0&value_width=513&order_by=x").status(200).text, flat.text);
    badge("?key_width=x").status(400);
    api.developer().post(api.releases()).json(json!({ "tag_name": "nightly" })).send().status(201);
    assert!(badge("").text.contains("nightly") && badge("?order_by=semver").text.contains("v1.7.0"));
}

#[test]
fn descriptions_in_a_feed_have_a_bound_together() {
    let api = Api::public();
    for (day, tag) in ["v3.0.0", "v2.0.0", "v1.0.0"].into_iter().enumerate() {
        let released_at = format!("2026-01-0{}T00:00:00Z", 3 - day);
        let release = json!({ "tag_name": tag, "released_at": released_at, "description": tag.repeat(6_000) });
        api.maintainer().post(api.releases()).json(release).send().status(201);
    }
    let feed = api.guest().get(format!("/{}/-/releases.atom", api.path)).send().status(200).text;
    assert!(feed.contains("v3.0.0v3.0.0") && !feed.contains("v2.0.0v2.0.0"), "{} bytes", feed.len());
    assert!(feed.contains("/-/releases/v1.0.0"), "every release is there");
}

#[test]
fn a_project_without_releases_has_a_page_a_feed_and_a_badge() {
    let api = Api::public();
    api.maintainer().delete(format!("{}/v1.7.0", api.releases())).send().status(200);
    assert!(api.guest().get(list(&api)).page().status(200).text.contains("This project has no releases."));
    assert!(api.guest().get(list(&api) + ".atom").send().status(200).text.contains("<updated>"));
    let badge = api.guest().get(format!("/{}/-/badges/release.svg", api.path)).send().status(200);
    assert!(badge.text.contains("Latest Release: none"), "{}", badge.text);
}

#[test]
fn pages_look_at_http_basic_too() {
    let api = Api::public();
    for target in ["/".to_owned(), list(&api), release(&api, "v1.7.0"), history(&api, "v1.7.0")] {
        api.anonymous().get(&target).header("Authorization", "Basic cm9vdDpwYXNzd29yZA==").page().status(401);
    }
}
