//! docs/contract.md, "Permanent links": the old addresses of renamed and moved projects, and what they reveal to whom.

use serde_json::json;

use crate::harness::{Api, Caller, Response, encoded};

const EXTERNAL: &str = "https://gitlab.example.com";
const TARGET: &str = "https://files.example.com/a";
const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;
const NOT_FOR_MOVED: &str = r#"{"message":"Non GET methods are not allowed for moved projects"}"#;

#[track_caller]
fn with_asset(api: &Api) {
    api.create(&json!({ "name": "a", "url": TARGET, "filepath": "/bin/a" })).status(201);
}

#[track_caller]
fn group_id(api: &Api, path: &str) -> u64 {
    api.admin().get(format!("/api/v4/groups/{}", encoded(path))).send().status(200).id()
}

#[track_caller]
fn rename_project(api: &Api, path: &str) -> String {
    let change = json!({ "path": path });
    let renamed = api.admin().put(format!("/api/v4/projects/{}", api.project)).json(change).send().status(200).json();
    renamed["path_with_namespace"].as_str().unwrap().to_owned()
}

#[track_caller]
fn rename_group(api: &Api, group: u64, path: &str) {
    api.admin().put(format!("/api/v4/groups/{group}")).json(json!({ "path": path })).send().status(200);
}

#[track_caller]
fn make_group(api: &Api, path: &str, parent: Option<u64>) -> u64 {
    let draft = json!({ "name": path, "path": path, "parent_id": parent, "visibility": "private" });
    api.admin().post("/api/v4/groups").json(draft).send().status(201).id()
}

#[track_caller]
fn transfer(api: &Api, namespace: u64) -> String {
    let target = format!("/api/v4/projects/{}/transfer", api.project);
    let moved = api.admin().put(target).json(json!({ "namespace": namespace })).send().status(200).json();
    moved["path_with_namespace"].as_str().unwrap().to_owned()
}

#[track_caller]
fn leads_to(answer: Response, status: u16, location: &str) {
    let answer = answer.status(status);
    assert_eq!(answer.header("location"), Some(location));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!((answer.header("set-cookie"), answer.text.as_str()), (None, ""));
}

/// Asserts that every address under an old path leads on, for those who may read the project.
#[track_caller]
fn is_moved(api: &Api, reader: &Caller, old: &str, new: &str) {
    let (id, old_id) = (api.project, encoded(old));
    for method in ["GET", "HEAD"] {
        for rest in [
            "",
            "/releases",
            "/releases/v1.7.0",
            "/releases/v1.7.0/history",
            "/releases/v1.7.0/assets/links",
            "/releases/v1.7.0/assets/links/1",
        ] {
            let query = "?page=2&private_token=&a=b";
            let answer = reader.request(method, format!("/api/v4/projects/{old_id}{rest}{query}")).send();
            leads_to(answer, 301, &format!("{EXTERNAL}/api/v4/projects/{id}{rest}?page=2&a=b"));
        }
        for tag in ["v1.7.0", "no%2Fsuch", "v1.7.0/history"] {
            let answer = reader.request(method, format!("/{old}/-/releases/{tag}?x=y")).send();
            leads_to(answer, 301, &format!("{EXTERNAL}/{new}/-/releases/{tag}?x=y"));
        }
        let download = format!("/{old}/-/releases/v1.7.0/downloads/bin/a");
        leads_to(reader.request(method, &download).send(), 302, TARGET);
        leads_to(
            reader
                .request(
                    method,
                    download
                        .to_uppercase()
                        .replace("/-/RELEASES/V1.7.0/DOWNLOADS/BIN/A", "/-/releases/v1.7.0/downloads/bin/a"),
                )
                .send(),
            302,
            TARGET,
        );
    }
    reader.get(format!("/{old}/-/releases/v1.7.0/downloads/bin/b")).send().status(404);
    reader.get(format!("/{old}/-/releases/v1.7.0/downloads/bin/../a")).send().status(400);
    for (method, rest, allowed) in [
        ("PUT", "", "GET, HEAD"),
        ("DELETE", "", "GET, HEAD"),
        ("PUT", "/transfer", ""),
        ("POST", "/archive", ""),
        ("POST", "/releases", "GET, HEAD"),
        ("POST", "/releases/v1.7.0/assets/links", "GET, HEAD"),
        ("PUT", "/releases/v1.7.0/assets/links/1", "GET, HEAD"),
        ("DELETE", "/releases/v1.7.0/assets/links/1", "GET, HEAD"),
    ] {
        let draft = json!({ "name": "a", "url": "http://a", "tag_name": "v1.7.0", "namespace": "x" });
        let answer = api.admin().request(method, format!("/api/v4/projects/{old_id}{rest}")).json(draft).send();
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {rest}");
        answer.is(405, NOT_FOR_MOVED);
    }
}

/// Asserts that an old path tells nothing to those who may not read the project: as if it had never been there.
#[track_caller]
fn is_hidden(api: &Api, old: &str) {
    for caller in [api.anonymous(), api.stranger()] {
        for path in [old, "never/there/before"] {
            let id = encoded(path);
            for target in [
                format!("/api/v4/projects/{id}"),
                format!("/api/v4/projects/{id}/releases/v1.7.0/assets/links"),
                format!("/{path}/-/releases/v1.7.0"),
                format!("/{path}/-/releases/v1.7.0/downloads/bin/a"),
            ] {
                let answer = caller.get(&target).send();
                answer.is(404, NO_PROJECT);
                assert_eq!(answer.header("location"), None, "{target}");
            }
            let links = format!("/api/v4/projects/{id}/releases/v1.7.0/assets/links");
            caller.post(links).json(json!({ "name": "a", "url": "http://a" })).send().is(404, NO_PROJECT);
        }
    }
    api.stranger().delete(format!("/api/v4/projects/{}", encoded(old))).send().is(404, NO_PROJECT);
}

#[test]
fn an_address_of_a_renamed_project_leads_on() {
    let api = Api::public();
    with_asset(&api);
    let new = rename_project(&api, "renamed");
    for reader in [api.anonymous(), api.guest(), api.admin()] {
        is_moved(&api, &reader, &api.path, &new);
    }
    let direct = api.anonymous().get(api.links()).send().status(200).json()[0]["direct_asset_url"].clone();
    assert_eq!(direct, json!(format!("{EXTERNAL}/{new}/-/releases/v1.7.0/downloads/bin/a")));
    leads_to(api.anonymous().get(direct.as_str().unwrap().strip_prefix(EXTERNAL).unwrap()).send(), 302, TARGET);
    api.anonymous().get(format!("/{new}/-/releases/v1.7.0")).send().status(200);
}

#[test]
fn an_address_of_a_project_under_a_renamed_group_leads_on_to_members_alone() {
    let api = Api::private();
    with_asset(&api);
    let top = api.path.split('/').next().unwrap().to_owned();
    let middle = make_group(&api, "middle", Some(group_id(&api, &top)));
    let low = make_group(&api, "low", Some(middle));
    let before = transfer(&api, low);
    rename_group(&api, group_id(&api, &top), &format!("{top}-renamed"));
    let new = format!("{top}-renamed/middle/low/hello");
    for old in [&before, &api.path] {
        for reader in [api.guest(), api.admin()] {
            is_moved(&api, &reader, old, &new);
        }
        is_hidden(&api, old);
    }
    api.guest().get(format!("/{new}/-/releases/v1.7.0")).send().status(200);
}

#[test]
fn every_address_of_a_project_that_moved_twice_leads_on() {
    let api = Api::private();
    with_asset(&api);
    let top = api.path.split('/').next().unwrap().to_owned();
    let other = make_group(&api, &format!("{top}-other"), None);
    let second = transfer(&api, other);
    rename_group(&api, other, &format!("{top}-third"));
    let new = rename_project(&api, "fourth");
    assert_eq!(new, format!("{top}-third/fourth"));
    for old in [api.path.clone(), second, format!("{top}-third/hello")] {
        is_moved(&api, &api.guest(), &old, &new);
        is_hidden(&api, &old);
    }
}

#[test]
fn a_project_that_moves_back_is_found_there_again() {
    let api = Api::private();
    with_asset(&api);
    let renamed = rename_project(&api, "renamed");
    assert_eq!(rename_project(&api, "hello"), api.path);
    api.guest().get(format!("/{}/-/releases/v1.7.0", api.path)).send().status(200);
    is_moved(&api, &api.guest(), &renamed, &api.path);
}

#[test]
fn a_new_project_takes_an_old_path_for_good() {
    let api = Api::public();
    with_asset(&api);
    rename_project(&api, "renamed");
    let top = group_id(&api, api.path.split('/').next().unwrap());
    let draft = json!({ "name": "hello", "namespace_id": top, "visibility": "private" });
    let taker = api.admin().post("/api/v4/projects").json(draft).send().status(201).id();
    let old = format!("/api/v4/projects/{}", encoded(&api.path));
    assert_eq!(api.admin().get(&old).send().status(200).id(), taker);
    is_hidden(&api, &api.path);
    api.admin().get(format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path)).send().status(404);
    api.admin().delete(&old).send().status(202);
    api.admin().get(&old).send().is(404, NO_PROJECT);
    api.admin().get(format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path)).send().is(404, NO_PROJECT);
}

#[test]
fn an_old_path_forbids_what_the_new_one_forbids() {
    let api = Api::public();
    with_asset(&api);
    let new = rename_project(&api, "renamed");
    let settings = json!({ "releases_access_level": "private" });
    api.admin().put(format!("/api/v4/projects/{}", api.project)).json(settings).send().status(200);
    for path in [&api.path, &new] {
        api.anonymous().get(format!("/{path}/-/releases/v1.7.0/downloads/bin/a")).send().status(403);
    }
    leads_to(api.guest().get(format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path)).send(), 302, TARGET);
}

#[test]
fn a_bad_token_is_refused_by_an_old_path_too() {
    let api = Api::public();
    rename_project(&api, "renamed");
    let target = format!("/{}/-/releases/v1.7.0?private_token=unknown", api.path);
    api.anonymous().get(target).send().is(401, r#"{"message":"401 Unauthorized"}"#);
}

#[test]
fn a_redirect_keeps_no_token_of_the_query() {
    let api = Api::private();
    with_asset(&api);
    let new = rename_project(&api, "renamed");
    let token = api.guest().token().to_owned();
    for name in ["private_token", "access_token"] {
        let target = format!("/{}/-/releases/v1.7.0?a=b&{name}={token}&c=d", api.path);
        leads_to(api.anonymous().get(target).send(), 301, &format!("{EXTERNAL}/{new}/-/releases/v1.7.0?a=b&c=d"));
        let target = format!("/{}/-/releases/v1.7.0/downloads/bin/a?{name}={token}", api.path);
        leads_to(api.anonymous().get(target).send(), 302, TARGET);
    }
}
