//! docs/contract.md, "Permanent links": the permanent link of an asset on the web, and where it leads.

use data_encoding::BASE64;
use serde_json::json;

use crate::harness::{Api, Caller, Response, encoded};

const EXTERNAL: &str = "https://gitlab.example.com";

/// The web address of an asset of `v1.7.0`; the path starts with a slash.
fn download(api: &Api, path: &str) -> String {
    format!("/{}/-/releases/v1.7.0/downloads{path}", api.path)
}

/// Makes a link with that url under `/bin/a`, and asks for it.
#[track_caller]
fn location_of(api: &Api, url: &str) -> String {
    let id = api.create(&json!({ "name": "a", "url": url, "filepath": "/bin/a" })).status(201).id();
    let answer = api.guest().get(download(api, "/bin/a")).send().status(302);
    api.developer().delete(api.link(id)).send().status(200);
    answer.header("location").expect("302 comes with Location").to_owned()
}

#[track_caller]
fn leads_to(answer: Response, url: &str) {
    let answer = answer.status(302);
    assert_eq!(answer.header("location"), Some(url));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("set-cookie"), None);
}

#[test]
fn get_and_head_answer_302_to_the_url() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "https://a.example/x?y=1#z", "filepath": "/bin/a" })).status(201);
    for caller in [api.anonymous(), api.stranger(), api.guest(), api.developer(), api.admin()] {
        for method in ["GET", "HEAD"] {
            leads_to(caller.request(method, download(&api, "/bin/a")).send(), "https://a.example/x?y=1#z");
        }
    }
}

#[test]
fn an_unknown_tag_or_path_is_404_as_json() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    api.add("without a path", "http://b");
    let unknown_tag = download(&api, "/bin/a").replace("v1.7.0", "v9");
    for target in ["/bin/b", "/bin", "/bin/a/b", "/BIN/A", "/a", "/"].map(|path| download(&api, path)) {
        let answer = api.guest().get(&target).send().status(404);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{target}");
    }
    api.guest().get(unknown_tag).send().status(404);
    api.guest().get(download(&api, "/bin/a").replace("hello", "other")).send().status(404);
}

#[test]
fn a_private_projects_link_is_hidden_from_who_may_not_read_it() {
    let api = Api::private();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    let hidden = r#"{"message":"404 Project Not Found"}"#;
    for caller in [api.anonymous(), api.stranger()] {
        caller.get(download(&api, "/bin/a")).send().is(404, hidden);
        caller.get(download(&api, "/bin/b")).send().is(404, hidden);
        caller.get("/no/such/-/releases/v1/downloads/bin/a").send().is(404, hidden);
    }
    for caller in [api.guest(), api.reporter(), api.admin()] {
        leads_to(caller.get(download(&api, "/bin/a")).send(), "http://a.example");
    }
}

#[test]
fn each_means_of_sending_a_token_works() {
    let api = Api::private();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    let (guest, target) = (api.guest(), download(&api, "/bin/a"));
    let anonymous = |ending: String| api.anonymous().get(target.clone() + &ending);
    for request in [
        anonymous(String::new()).header("PRIVATE-TOKEN", guest.token()),
        anonymous(String::new()).header("Authorization", format!("Bearer {}", guest.token())),
        anonymous(String::new()).header("Authorization", basic("guest", guest.token())),
        anonymous(format!("?private_token={}", guest.token())),
        anonymous(format!("?access_token={}&x=y", guest.token())),
    ] {
        leads_to(request.send(), "http://a.example");
    }
    anonymous("?private_token=unknown".to_owned()).send().is(401, r#"{"message":"401 Unauthorized"}"#);
}

/// The value of `Authorization` for HTTP Basic.
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()))
}

#[test]
fn http_basic_with_a_token_as_the_password_works_outside_of_the_api_and_on_permanent_links() {
    let api = Api::private();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    let (guest, hidden) = (api.guest(), r#"{"message":"404 Project Not Found"}"#);
    let web = format!("/{}/-/releases", api.path);
    for (target, status) in [
        (download(&api, "/bin/a"), 302),
        (format!("{web}/v1.7.0"), 200),
        (format!("{web}/permalink/latest"), 302),
        (format!("{web}/permalink/latest/downloads/bin/a"), 302),
        (format!("{}/v1.7.0/downloads/bin/a", api.releases()), 302),
        (format!("{}/permalink/latest/assets/links", api.releases()), 302),
        (format!("{}/v1.7.0", api.releases()), 404),
        (api.links(), 404),
    ] {
        for method in ["GET", "HEAD"] {
            let by = |value: String| api.anonymous().request(method, &target).header("Authorization", value).send();
            for user in ["", "whoever"] {
                by(basic(user, guest.token())).status(status);
            }
            by(basic("whoever", "unknown")).status(if status == 404 { 404 } else { 401 });
            for none in [basic("whoever", ""), basic(guest.token(), ""), format!("Basic whoever:{}", guest.token())] {
                assert_eq!(by(none).status(404).text, if method == "HEAD" { "" } else { hidden }, "{target}");
            }
        }
    }
    api.anonymous().get("/api/v4/user").header("Authorization", basic("", guest.token())).send().status(401);
    api.anonymous().get("/-/health").header("Authorization", basic("", "unknown")).send().status(200);
}

#[test]
fn the_location_is_a_uri_whatever_the_url_holds() {
    let api = Api::public();
    for (url, location) in [
        ("https://a.example/x?y=%41&z=b+c#d", "https://a.example/x?y=%41&z=b+c#d"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("https://u:p@bücher.example:8443/ü?ö#ä", "https://u:p@xn--bcher-kva.example:8443/%C3%BC?%C3%B6#%C3%A4"),
        ("http://例え.テスト", "http://xn--r8jz45g.xn--zckzah"),
        ("http://a.example/b c", "http://a.example/b%20c"),
        ("http://a.example/%zz%4%", "http://a.example/%25zz%254%25"),
        ("http://a.example/%2f%C3%BC", "http://a.example/%2f%C3%BC"),
        ("http://a.example/<b>\"{c}|^`", "http://a.example/%3Cb%3E%22%7Bc%7D%7C%5E%60"),
        ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x"),
        ("ftp://a.example/x", "ftp://a.example/x"),
        ("http://a.example/𝒳", "http://a.example/%F0%9D%92%B3"),
    ] {
        assert_eq!(location_of(&api, url), location);
    }
}

#[test]
fn the_direct_asset_url_of_any_link_leads_to_its_url() {
    let api = Api::private();
    let tags = ["release/1.0", "1.0+a b", "ünï", "50%", "a%2Fb", "?#", "downloads"];
    let paths =
        ["/abc", "/bin/linux-amd64_1.0", "/ abc", "/éabc", "/%2Fbc", "/?abc", "/-/releases/v1/downloads/x", "/...x/y"];
    for tag in tags {
        api.release(tag);
        for (number, path) in paths.iter().enumerate() {
            let url = format!("https://a.example/{number}");
            let draft = json!({ "name": path, "url": url, "filepath": path });
            let made = api.developer().post(api.links_of(&encoded(tag))).json(draft).send().status(201).json();
            let direct =
                made["direct_asset_url"].as_str().unwrap().strip_prefix(EXTERNAL).expect("on the external URL");
            leads_to(api.guest().get(direct).send(), &url);
        }
    }
}

#[test]
fn an_encoded_slash_in_the_asset_path_is_a_slash() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/deep/a" })).status(201);
    for path in ["/bin%2Fdeep%2Fa", "/bin%2fdeep/a", "/bin/%64eep/a", "//bin/deep/a"] {
        leads_to(api.guest().get(download(&api, path)).send(), "http://a.example");
    }
    api.guest().get(download(&api, "/%2Fbin/deep/a")).send().status(404);
    api.guest().get(download(&api, "/bin/deep/a%2F")).send().status(404);
}

#[test]
fn a_segment_of_two_dots_is_400_however_it_is_written() {
    let api = Api::public();
    for path in ["/../a", "/bin/..", "/%2e%2e/a", "/.%2E/a", "/bin%2F..%2Fa", "/bin%2F%2e%2e"] {
        api.guest().get(download(&api, path)).send().is(400, r#"{"error":"400 Bad Request"}"#);
    }
}

#[test]
fn the_projects_path_is_compared_without_case_and_the_tag_with_it() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    let target = download(&api, "/bin/a");
    leads_to(api.guest().get(target.replace(&api.path, &api.path.to_uppercase())).send(), "http://a.example");
    api.guest().get(target.replace("v1.7.0", "V1.7.0")).send().status(404);
}

#[test]
fn the_web_address_holds_the_full_path_and_no_id() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    let by_id = download(&api, "/bin/a").replace(&api.path, &api.project.to_string());
    api.guest().get(by_id).send().status(404);
}

#[test]
fn a_permanent_link_follows_an_update_and_ends_with_its_link() {
    let api = Api::public();
    let id = api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201).id();
    let put = |draft: serde_json::Value| api.developer().put(api.link(id)).json(draft).send().status(200);
    let get = |caller: &Caller, path: &str| caller.get(download(&api, path)).send();
    put(json!({ "url": "http://b.example" }));
    leads_to(get(&api.anonymous(), "/bin/a"), "http://b.example");
    put(json!({ "url": "http://b.example", "filepath": "/bin/b" }));
    get(&api.anonymous(), "/bin/a").status(404);
    leads_to(get(&api.anonymous(), "/bin/b"), "http://b.example");
    api.developer().delete(api.link(id)).send().status(200);
    get(&api.anonymous(), "/bin/b").status(404);
}

#[test]
fn a_permanent_link_is_for_reading() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = api.developer().request(method, download(&api, "/bin/a")).send();
        answer.is(405, r#"{"error":"405 Not Allowed"}"#);
        let allowed = answer.header("allow").expect("405 comes with Allow");
        assert!(allowed.contains("GET") && allowed.contains("HEAD"), "{allowed}");
    }
}
