//! `/users`.

use std::sync::Arc;

use serde_json::json;

use super::{FORBIDDEN, INSUFFICIENT, NO_USER, UNAUTHORIZED, each, id_of, new_user, unique};
use crate::harness::{Api, Launch, Visibility};

fn user(id: u64) -> String {
    format!("/api/v4/users/{id}")
}

#[test]
fn users_are_read_by_the_signed_in_and_mail_only_by_oneself_and_administrators() {
    let api = Api::public();
    let name = unique(&api, "Reader");
    let id = new_user(&api, &name);
    let listed = |caller: &crate::harness::Caller| {
        caller.get(format!("/api/v4/users?username={}", name.to_lowercase())).send().status(200).json()
    };
    let full = json!({
        "id": id, "username": name, "name": name, "state": "active", "avatar_url": null,
        "web_url": format!("https://gitlab.example.com/{name}"), "bot": false,
        "email": format!("{name}@example.com"), "is_admin": false,
    });
    let mut public = full.clone();
    for key in ["email", "is_admin"] {
        public.as_object_mut().unwrap().remove(key);
    }
    let stranger = api.stranger();
    for (caller, shown) in [(&api.admin(), &full), (&stranger, &public)] {
        assert_eq!(&caller.get(user(id)).send().status(200).json(), shown);
        assert_eq!(listed(caller), json!([shown]));
    }
    assert_eq!(stranger.get(user(id_of(&stranger))).send().status(200).json()["is_admin"], false);
    for target in ["/api/v4/users".to_owned(), user(id), user(999_999_999)] {
        api.anonymous().get(target).send().is(401, UNAUTHORIZED);
    }
    api.newcomer(0, "read_user").get(user(id)).send().is(403, INSUFFICIENT);
}

#[test]
fn a_filter_that_finds_nobody_answers_with_nobody() {
    let api = Api::public();
    let name = unique(&api, "Filtered");
    new_user(&api, &name);
    let names = |query: String| {
        let found = api.stranger().get(format!("/api/v4/users?{query}")).send().status(200);
        (found.header("x-total").unwrap().to_owned(), each(&found.json(), "username"))
    };
    let nobody = || ("0".to_owned(), Vec::new());
    assert_eq!(names(format!("search={}", name.to_uppercase())), ("1".into(), vec![json!(name)]));
    assert_eq!(names(format!("username={name}")), ("1".into(), vec![json!(name)]));
    assert_eq!(names(format!("username={}", &name[..name.len() - 1])), nobody());
    assert_eq!(names("username=".into()), nobody());
    assert_eq!(names(format!("search={name}%40example.com")), nobody());
    let found = api.admin().get(format!("/api/v4/users?search={name}%40example.com")).send().status(200);
    assert_eq!(each(&found.json(), "username"), [json!(name)]);
    api.stranger().get("/api/v4/users?page=x").send().is_error("page is invalid");
}

#[test]
fn every_filter_of_users_narrows_the_list_or_finds_nobody() {
    let api = Api::public();
    let prefix = unique(&api, "narrow");
    let ids: Vec<_> = ["b", "a", "c"].map(|last| new_user(&api, &format!("{prefix}-{last}"))).to_vec();
    api.admin().put(user(ids[1])).json(json!({ "admin": true })).send().status(200);
    let all = [2, 1, 0].map(|n| ids[n]).to_vec();
    let only = |n: usize| vec![ids[n]];
    for (filter, expected) in [
        ("", all.clone()),
        ("&active=true&blocked=false&external=&admins=0", all.clone()),
        ("&active=false", all.clone()),
        ("&blocked=true", vec![]),
        ("&external=1", vec![]),
        ("&extern_uid=7&provider=github", vec![]),
        ("&extern_uid=&provider=", all.clone()),
        ("&admins=true", only(1)),
        ("&created_after=2000-01-01", all.clone()),
        ("&created_after=2999-01-01T00:00:00Z", vec![]),
        ("&created_before=2000-01-01T00:00:00%2B01:00", vec![]),
        ("&created_before=2999-01-01&created_after=", all.clone()),
        ("&order_by=username&sort=asc", vec![ids[1], ids[0], ids[2]]),
        ("&order_by=name", vec![ids[2], ids[0], ids[1]]),
        ("&order_by=created_at&sort=asc", ids.clone()),
        ("&order_by=id&sort=asc", ids.clone()),
    ] {
        let found = api.admin().get(format!("/api/v4/users?search={prefix}{filter}")).send().status(200);
        assert_eq!(each(&found.json(), "id"), expected.iter().map(|id| json!(id)).collect::<Vec<_>>(), "{filter}");
        assert_eq!(found.header("x-total"), Some(&*expected.len().to_string()), "{filter}");
    }
    let by_json = json!({ "search": prefix, "blocked": true });
    api.admin().get("/api/v4/users").json(by_json).send().is(200, "[]");
}

#[test]
fn who_may_not_read_who_is_an_administrator_does_not_find_out_by_a_filter() {
    let api = Api::public();
    let stranger = api.stranger();
    stranger.get("/api/v4/users?admins=true").send().is(200, "[]");
    let name = unique(&api, "boss");
    let id = new_user(&api, &name);
    let asked = || stranger.get(format!("/api/v4/users?admins=true&username={name}")).send();
    let before = asked().status(200).text;
    api.admin().put(user(id)).json(json!({ "admin": true })).send().status(200);
    assert_eq!(asked().text, before);
}

#[test]
fn filters_of_users_that_make_no_sense_are_refused_together() {
    let api = Api::public();
    for (query, faults) in [
        ("active=yes", "active is invalid"),
        ("created_after=yesterday", "created_after is invalid"),
        ("created_before=2024-02-30", "created_before is invalid"),
        ("created_before[]=2024-02-03", "created_before is invalid"),
        ("order_by=email", "order_by does not have a valid value"),
        ("sort=DESC", "sort does not have a valid value"),
        (
            "sort=&order_by=&admins=x&page=y",
            "admins is invalid, order_by does not have a valid value, sort does not have a valid value, page is invalid",
        ),
    ] {
        api.stranger().get(format!("/api/v4/users?{query}")).send().is_error(faults);
    }
    api.anonymous().get("/api/v4/users?sort=x").send().is(401, UNAUTHORIZED);
}

#[test]
fn users_come_in_pages_newest_first() {
    let api = Api::public();
    let prefix = unique(&api, "paged");
    let ids: Vec<_> = (0..3).map(|n| new_user(&api, &format!("{prefix}-{n}"))).collect();
    let page =
        |number| api.admin().get(format!("/api/v4/users?search={prefix}-&per_page=2&page={number}")).send().status(200);
    assert_eq!(each(&page(1).json(), "id"), [json!(ids[2]), json!(ids[1])]);
    let last = page(2);
    assert_eq!(each(&last.json(), "id"), [json!(ids[0])]);
    assert_eq!((last.header("x-total"), last.header("x-next-page")), (Some("3"), Some("")));
}

#[test]
fn an_administrator_changes_what_is_sent_and_nothing_else() {
    let api = Api::public();
    let name = unique(&api, "changed");
    let id = new_user(&api, &name);
    let before = api.admin().get(user(id)).send().json();
    let unchanged = api.admin().put(user(id)).json("{}").send().status(200).json();
    assert_eq!(unchanged, before);
    let changed = api.admin().put(user(id)).json(json!({ "name": "Ada", "admin": true })).send().status(200).json();
    assert_eq!((&changed["name"], &changed["is_admin"]), (&json!("Ada"), &json!(true)));
    assert_eq!((&changed["username"], &changed["email"]), (&before["username"], &before["email"]));
    assert_eq!(api.admin().get(user(id)).send().json(), changed);
}

#[test]
fn a_change_of_a_user_is_refused_in_the_contracts_order() {
    let api = Api::public();
    let (name, other) = (unique(&api, "refused"), unique(&api, "other"));
    let id = new_user(&api, &name);
    new_user(&api, &other);
    let stranger = api.stranger();
    for target in [user(id), user(999_999_999)] {
        api.anonymous().put(&target).json("{}").send().is(401, UNAUTHORIZED);
        api.anonymous().delete(&target).send().is(401, UNAUTHORIZED);
    }
    for target in [user(999_999_999), "/api/v4/users/nobody".to_owned()] {
        stranger.put(&target).json("{}").send().is(404, NO_USER);
        api.admin().delete(&target).send().is(404, NO_USER);
        api.admin().get(&target).send().is(404, NO_USER);
    }
    api.newcomer(0, "read_api").put(user(id)).json("{}").send().is(403, INSUFFICIENT);
    let bad = json!({ "username": "-", "email": "nowhere" });
    stranger.put(user(id)).json(&bad).send().is(403, FORBIDDEN);
    stranger.delete(user(id)).send().is(403, FORBIDDEN);
    stranger.delete(user(id_of(&stranger))).send().is(403, FORBIDDEN);
    api.admin().put(user(id)).json(&bad).send().is_error("username is a reserved name, email is invalid");
    api.admin().put(user(id)).json(json!({ "name": null })).send().is_error("name is empty");
    let put = |draft| api.admin().put(user(id)).json(draft).send();
    put(json!({ "username": other.to_uppercase() })).is(409, r#"{"message":"Username has already been taken"}"#);
    let mail = format!("{}@EXAMPLE.com", other.to_uppercase());
    put(json!({ "email": mail })).is(409, r#"{"message":"Email has already been taken"}"#);
    assert_eq!(api.admin().get(user(id)).send().json()["username"], name);
}

#[test]
fn a_renamed_user_takes_their_projects_along_and_the_old_addresses_lead_there() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let old = owner.get("/api/v4/user").send().json()["username"].as_str().unwrap().to_owned();
    let project = json!({ "name": "mine", "visibility": "public" });
    let project = owner.post("/api/v4/projects").json(project).send().status(201).id();
    let release = json!({ "tag_name": "v1", "assets": { "links": [
        { "name": "a", "url": "http://a/file", "direct_asset_path": "/bin/file" }
    ] } });
    owner.post(format!("/api/v4/projects/{project}/releases")).json(release).send().status(201);
    let new = unique(&api, "renamed");
    let renamed = api.admin().put(user(id_of(&owner))).json(json!({ "username": new })).send().status(200).json();
    assert_eq!(renamed["web_url"], format!("https://gitlab.example.com/{new}"));

    let shown = owner.get(format!("/api/v4/projects/{new}%2Fmine")).send().status(200).json();
    assert_eq!((&shown["id"], &shown["path_with_namespace"]), (&json!(project), &json!(format!("{new}/mine"))));
    let moved = owner.get(format!("/api/v4/projects/{old}%2Fmine?a=b")).send().status(301);
    let target = format!("https://gitlab.example.com/api/v4/projects/{project}?a=b");
    assert_eq!(moved.header("location"), Some(target.as_str()));
    let permanent = api.anonymous().get(format!("/{new}/mine/-/releases/v1/downloads/bin/file")).send().status(302);
    assert_eq!(permanent.header("location"), Some("http://a/file"));
    let refused = owner.post(format!("/api/v4/projects/{old}%2Fmine/members")).json("{}").send();
    refused.is(405, r#"{"message":"Non GET methods are not allowed for moved projects"}"#);
}

#[test]
fn a_deleted_user_takes_projects_and_tokens_along_and_leaves_releases_without_a_name() {
    let api = Api::public();
    let author = api.newcomer(30, "api");
    let id = id_of(&author);
    let own = author.post("/api/v4/projects").json(json!({ "name": "own" })).send().status(201).id();
    author.post(api.releases()).json(json!({ "tag_name": "by-author" })).send().status(201);
    let release = format!("{}/by-author", api.releases());
    assert_eq!(api.admin().get(&release).send().json()["author"]["id"], id);

    let deleted = api.admin().delete(user(id)).send().status(204);
    assert_eq!((deleted.text.as_str(), deleted.header("content-type")), ("", None));
    author.get(api.links()).send().is(401, UNAUTHORIZED);
    api.admin().get(user(id)).send().is(404, NO_USER);
    api.admin().get(format!("/api/v4/projects/{own}")).send().status(404);
    let left = api.anonymous().get(&release).send().status(200).json();
    assert!(left.get("author").is_none(), "{left}");
    api.admin().get(format!("/api/v4/projects/{}/members/{id}", api.project)).send().status(404);
}

#[test]
fn the_last_owner_of_a_group_is_not_deleted() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let path = unique(&api, "owned");
    let group = owner.post("/api/v4/groups").json(json!({ "name": path, "path": path })).send().status(201).id();
    let refused = api.admin().delete(user(id_of(&owner))).send();
    refused.is(409, r#"{"message":"User cannot be removed while is the sole-owner of a group"}"#);
    let second = json!({ "user_id": id_of(&api.stranger()), "access_level": 50 });
    owner.post(format!("/api/v4/groups/{group}/members")).json(second).send().status(201);
    api.admin().delete(user(id_of(&owner))).send().status(204);
}

#[test]
fn the_last_administrator_can_neither_go_nor_step_down() {
    let server = Arc::new(Launch::new().start());
    let api = Api::on(&server, Visibility::Public);
    let root = id_of(&api.admin());
    api.admin().delete(user(root)).send().is(403, FORBIDDEN);
    api.admin().put(user(root)).json(json!({ "admin": false })).send().is(403, FORBIDDEN);
    let second = new_user(&api, "second");
    api.admin().put(user(second)).json(json!({ "admin": true })).send().status(200);
    api.admin().put(user(root)).json(json!({ "admin": false })).send().status(200);
    api.admin().put(user(root)).json(json!({ "admin": true })).send().is(403, FORBIDDEN);
    server.stop();
}
