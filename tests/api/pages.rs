//! docs/contract.md, "Pages": the page of a release.

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
