//! docs/contract.md, "Files": links that lead to files of the service, and the tickets that open those.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{Api, Launch, Response, Server, Visibility};

const EXTERNAL: &str = "https://links.example/base";
const PROTECTED: &str = r#"{"message":"403 Forbidden - Package protected."}"#;
const DIGEST_OF_ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const DIGEST_OF_LONGER: &str = "sha256:73834addcec75fafd7d73717ca1614a1324652ffa70b4b6c44fa359ae5a69dab";
const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;

/// A server that is reached at `EXTERNAL`, and a project on it with the file `app.zip` of the bytes `abc`.
fn with_file(visibility: Visibility) -> (Launch, Arc<Server>, Api) {
    let launch = Launch::new().arg("--external-url").arg(EXTERNAL);
    let server = Arc::new(launch.start());
    let api = Api::on(&server, visibility);
    api.developer().put(file(&api, "app.zip")).body("abc").send().status(201);
    (launch, server, api)
}

fn file(api: &Api, name: &str) -> String {
    format!("/api/v4/projects/{}/packages/generic/app/1/{name}", api.project)
}

/// Adds a link to this address, and returns the path of its permanent link.
fn linked(api: &Api, name: &str, url: &str) -> String {
    let draft = json!({"name": name, "url": url, "direct_asset_path": format!("/{name}")});
    api.create(&draft).status(201);
    format!("/api/v4/projects/{}/releases/v1.7.0/downloads/{name}", api.project)
}

fn location(answer: &Response) -> String {
    answer.header("location").unwrap_or_default().to_owned()
}

/// The path and query of an address of the service.
fn below(location: &str) -> &str {
    location.strip_prefix(EXTERNAL).unwrap_or_else(|| panic!("{location}"))
}

#[test]
fn the_permanent_link_of_a_private_file_opens_it_to_a_client_that_drops_its_token() {
    for visibility in [Visibility::Private, Visibility::Internal] {
        let (_launch, _server, api) = with_file(visibility);
        let url = format!("{EXTERNAL}{}", file(&api, "app.zip"));
        let permanent = linked(&api, "app", &url);
        let answer = api.guest().get(&permanent).send().status(302);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(location(&answer).starts_with(&format!("{url}?ticket=")), "{}", location(&answer));
        let target = location(&answer);
        for _ in 0..2 {
            assert_eq!(api.anonymous().get(below(&target)).send().status(200).text, "abc");
        }
        let head = api.anonymous().request("HEAD", below(&target)).send().status(200);
        assert_eq!(head.header("content-length"), Some("3"));
        let range = api.anonymous().get(below(&target)).header("Range", "bytes=1-").send().status(206);
        assert_eq!(range.text, "bc");
        api.anonymous().get(&permanent).send().status(404);
        api.stranger().get(&permanent).send().status(if visibility == Visibility::Private { 404 } else { 302 });
    }
}

#[test]
fn an_upload_is_opened_by_a_ticket_at_each_of_its_addresses() {
    let (_launch, _server, api) = with_file(Visibility::Private);
    let form = api.developer().post(format!("/api/v4/projects/{}/uploads", api.project));
    let upload = form.file("app.zip", "abc").send().status(201).json();
    let text = |key: &str| upload[key].as_str().unwrap().to_owned();
    let on_the_api = format!("/api/v4/projects/{}{}", api.project, text("url"));
    let by_path = format!("/{}{}", api.path, text("url"));
    for (name, address) in [
        ("numbered", text("full_path")),
        ("doubled", format!("/{}", text("full_path"))),
        ("by-path", by_path),
        ("on-the-api", on_the_api),
    ] {
        api.anonymous().get(&address).send().status(404);
        let target = location(&api.guest().get(linked(&api, name, &format!("{EXTERNAL}{address}"))).send().status(302));
        assert!(target.starts_with(&format!("{EXTERNAL}{address}?ticket=")), "{target}");
        assert_eq!(api.anonymous().get(below(&target)).send().status(200).text, "abc");
        api.anonymous().get(format!("{address}?ticket=7.1.x")).send().status(404);
    }
}

#[test]
fn the_newest_releases_permanent_link_has_a_ticket_as_well() {
    let (_launch, _server, api) = with_file(Visibility::Private);
    linked(&api, "app", &format!("{EXTERNAL}{}", file(&api, "app.zip")));
    let newest = format!("/api/v4/projects/{}/releases/permalink/latest/downloads/app", api.project);
    let answer = api.guest().get(newest).send().status(302);
    assert_eq!((answer.header("cache-control"), answer.header("x-release-tag")), (Some("no-store"), Some("v1.7.0")));
    assert_eq!(api.anonymous().get(below(&location(&answer))).send().status(200).text, "abc");
}

#[test]
fn a_public_file_needs_no_ticket() {
    let (_launch, _server, api) = with_file(Visibility::Public);
    let url = format!("{EXTERNAL}{}", file(&api, "app.zip"));
    let answer = api.guest().get(linked(&api, "app", &url)).send().status(302);
    assert_eq!(location(&answer), url);
    assert_ne!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_ticket_of_another_file_a_tampered_one_and_none_count_for_nothing() {
    let (_launch, server, api) = with_file(Visibility::Private);
    api.developer().put(file(&api, "other.zip")).body("other").send().status(201);
    let url = format!("{EXTERNAL}{}", file(&api, "app.zip"));
    let target = location(&api.guest().get(linked(&api, "app", &url)).send().status(302));
    let (_, ticket) = target.split_once("?ticket=").unwrap();
    let (claims, signature) = ticket.rsplit_once('.').unwrap();
    let (project, until) = claims.split_once('.').unwrap();
    let until: i64 = until.parse().unwrap();
    for wrong in [
        format!("{project}.{}.{signature}", until + 1),
        format!("1{project}.{until}.{signature}"),
        format!("{claims}.{}", "A".repeat(signature.len())),
        claims.to_owned(),
        String::new(),
        "x".repeat(1_000),
    ] {
        let asked = format!("{}?ticket={wrong}", file(&api, "app.zip"));
        api.anonymous().get(&asked).send().is(401, UNAUTHORIZED);
        assert_eq!(api.guest().get(&asked).send().status(200).text, "abc", "a wrong one counts as none");
    }
    api.anonymous().get(format!("{}?ticket[]={ticket}", file(&api, "app.zip"))).send().is(401, UNAUTHORIZED);
    api.anonymous().get(format!("{}?ticket={ticket}", file(&api, "other.zip"))).send().is(401, UNAUTHORIZED);
    // Nor does it open anything else.
    api.anonymous().get(format!("{}?ticket={ticket}", api.links())).send().status(404);
    api.anonymous().put(format!("{}?ticket={ticket}", file(&api, "app.zip"))).body("x").send().status(401);
    let of_another = Api::on(&server, Visibility::Private);
    of_another.developer().put(file(&of_another, "app.zip")).body("secret").send().status(201);
    let asked = format!("{}?ticket={ticket}", file(&of_another, "app.zip"));
    api.anonymous().get(asked).send().is(401, UNAUTHORIZED);
}

#[test]
fn the_file_of_another_project_is_an_address_like_any_other() {
    let (_launch, server, api) = with_file(Visibility::Private);
    let other = Api::on(&server, Visibility::Private);
    other.developer().put(file(&other, "app.zip")).body("secret").send().status(201);
    for (name, number) in [("other", other.project), ("none", other.project + 1_000_000)] {
        let url = format!("{EXTERNAL}/api/v4/projects/{number}/packages/generic/app/1/app.zip");
        let answer = api.guest().get(linked(&api, name, &url)).send().status(302);
        assert_eq!(location(&answer), url);
        assert_eq!(answer.header("x-checksum-sha256"), None);
    }
}

#[test]
fn a_ticket_is_good_on_every_server_and_after_a_restart_and_is_in_no_log() {
    let (launch, server, api) = with_file(Visibility::Private);
    let url = format!("{EXTERNAL}{}", file(&api, "app.zip"));
    let target = location(&api.guest().get(linked(&api, "app", &url)).send().status(302));
    assert_eq!(api.anonymous().get(below(&target)).send().status(200).text, "abc");
    let ticket = target.split_once("?ticket=").unwrap().1.to_owned();
    server.stop();
    let again = Arc::new(launch.start());
    assert_ne!(again.address(), server.address());
    assert_eq!(api.anonymous().at(&again).get(below(&target)).send().status(200).text, "abc");
    again.stop();
    let log = again.stderr();
    assert!(log.contains("app.zip") && !log.contains(&ticket), "{log}");
}

#[test]
fn a_dry_run_of_a_manifest_knows_the_files_that_links_lead_to() {
    let (_launch, _server, api) = with_file(Visibility::Public);
    let url = format!("{EXTERNAL}{}", file(&api, "app.zip"));
    api.create(&json!({"name": "app", "url": url})).status(201);
    let put = |links: &Value, query: &str| {
        let links = json!({ "links": links });
        api.developer().put(api.manifest() + query).json(links).send()
    };
    let both = |links: &Value| [put(links, "?dry_run=true"), put(links, "")];
    let same = json!([{"name": "app", "url": url}]);
    let wrong = json!([{"name": "app", "url": url, "size": 4}]);
    for answer in both(&wrong) {
        answer.is(400, r#"{"message":["links[0]: Size does not match the file"]}"#);
    }
    api.freeze("v1.7.0");
    for answer in both(&wrong) {
        answer.status(403);
    }
    let [told, done] = both(&same).map(|answer| answer.status(200));
    assert_eq!(told.header("etag"), done.header("etag"));
    let [told, done] = [told.json(), done.json()];
    assert_eq!((&told["links"], &told["changes"]), (&done["links"], &done["changes"]));
    assert_eq!((&told["links"][0]["digest"], &told["dry_run"]), (&json!(DIGEST_OF_ABC), &json!(true)));
    assert_eq!(told["changes"]["unchanged"], json!(["app"]));
}

#[test]
fn a_link_has_the_digest_and_size_of_the_newest_file_at_its_address() {
    let (_launch, _server, api) = with_file(Visibility::Public);
    let url = format!("{EXTERNAL}{}", file(&api, "app.zip"));
    let sent = json!({"name": "app", "url": url, "direct_asset_path": "/app"});
    let id = api.create(&sent).status(201).id();
    let known = || {
        let link = api.anonymous().get(api.link(id)).send().status(200).json();
        (link["digest"].as_str().unwrap_or_default().to_owned(), link["size"].clone())
    };
    assert_eq!(known(), (DIGEST_OF_ABC.to_owned(), json!(3)));
    api.developer().put(file(&api, "app.zip")).body("longer").send().status(201);
    assert_eq!(known(), (DIGEST_OF_LONGER.to_owned(), json!(6)));
    let rows = api.guest().get(api.history("v1.7.0")).send().status(200).json();
    assert_eq!(rows[0]["action"], "link.update");
    let wrong = |extra| {
        let mut draft = json!({"name": "again", "url": format!("{url}?again"), "direct_asset_path": "/again"});
        draft.as_object_mut().unwrap().extend::<serde_json::Map<_, _>>(extra);
        api.create(&draft)
    };
    let (digest, size) = ("Digest does not match the file", "Size does not match the file");
    let fields = |digest: &str, size: i64| {
        [("digest".to_owned(), json!(digest)), ("size".to_owned(), json!(size))].into_iter().collect()
    };
    wrong(fields(DIGEST_OF_ABC, 6)).is_invalid(&[digest]);
    wrong(fields(DIGEST_OF_LONGER, 3)).is_invalid(&[size]);
    wrong(fields(DIGEST_OF_ABC, 3)).is_invalid(&[digest, size]);
    wrong(fields(DIGEST_OF_LONGER, 6)).status(201);
}

#[test]
fn what_an_immutable_release_links_to_is_neither_published_nor_deleted() {
    let (_launch, _server, api) = with_file(Visibility::Public);
    linked(&api, "app", &format!("{EXTERNAL}{}", file(&api, "app.zip")));
    linked(&api, "later", &format!("{EXTERNAL}{}", file(&api, "later.zip")));
    let listed = |path: &str| {
        let target = format!("/api/v4/projects/{}/packages{path}", api.project);
        api.maintainer().get(target).send().status(200).json()
    };
    let package = listed("")[0]["id"].to_string();
    let of_package = listed(&format!("/{package}/package_files"))[0]["id"].to_string();
    api.developer().put(format!("{}/v1.7.0/immutable", api.releases())).send().status(200);
    for name in ["app.zip", "later.zip"] {
        api.admin().put(file(&api, name)).body("x").send().is(403, PROTECTED);
    }
    for target in [package.clone(), format!("{package}/package_files/{of_package}")] {
        let target = format!("/api/v4/projects/{}/packages/{target}", api.project);
        api.admin().delete(target).send().is(403, PROTECTED);
    }
    assert_eq!(api.anonymous().get(file(&api, "app.zip")).send().status(200).text, "abc");
    api.anonymous().get(file(&api, "later.zip")).send().status(404);
    api.developer().put(file(&api, "other.zip")).body("x").send().status(201);
}
