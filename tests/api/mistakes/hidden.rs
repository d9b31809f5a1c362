//! What a stranger learns of a private project: nothing, from no route, list or refusal.

use serde_json::json;

use super::{HIDDEN, id_of, is_like_nothing, project};
use crate::harness::{Api, Caller};
use crate::matrix::visible;

/// A private project with an asset that has moved once; answers its old path, too.
fn moved() -> (Api, String) {
    let api = Api::private();
    let asset = json!({ "name": "a", "url": "https://example.com/a", "filepath": "/bin/a" });
    api.create(&asset).status(201);
    let old = api.path.clone();
    api.admin().put(project(&api)).json(json!({ "path": "moved" })).send().status(200);
    (api, old)
}

/// Every address under a project, by which a redirect could tell that it is there.
fn addresses(path: &str) -> Vec<String> {
    let encoded = path.replace('/', "%2F");
    let (web, api) = (format!("/{path}/-/releases"), format!("/api/v4/projects/{encoded}"));
    vec![
        format!("{web}/v1.7.0"),
        format!("{web}/v1.7.0/downloads/bin/a"),
        format!("{web}/v1.7.0/downloads/bin/none"),
        format!("{web}/permalink/latest"),
        format!("{web}/permalink/latest/downloads/bin/a"),
        format!("{web}/permalink/latest/assets/links"),
        api.clone(),
        format!("{api}/releases"),
        format!("{api}/releases/v1.7.0"),
        format!("{api}/releases/v1.7.0/assets/links"),
        format!("{api}/releases/v1.7.0/downloads/bin/a"),
        format!("{api}/releases/permalink/latest"),
        format!("{api}/releases/permalink/latest/downloads/bin/a"),
        format!("{api}/repository/tags"),
        format!("{api}/repository/branches"),
        format!("{api}/members"),
        format!("{api}/milestones"),
    ]
}

#[test]
fn a_stranger_learns_of_a_private_project_from_no_redirect() {
    let (api, old) = moved();
    let group = old.split('/').next().unwrap();
    let (new, none) = (format!("{group}/moved"), format!("{group}/nothing"));
    for caller in [api.anonymous(), api.stranger()] {
        for path in [&old, &new] {
            for (target, absent) in addresses(path).iter().zip(addresses(&none)) {
                is_like_nothing(&caller, target, &absent);
                caller.get(target).send().is(404, HIDDEN);
            }
        }
    }
    let followed = api.guest().get(format!("/{old}/-/releases/v1.7.0/downloads/bin/a")).send().status(302);
    assert_eq!(followed.header("location"), Some("https://example.com/a"));
}

#[test]
fn a_stranger_learns_of_a_moved_private_project_from_no_verb() {
    let (api, old) = moved();
    let none = old.replace("hello", "nothing");
    let write = |caller: &Caller, method: &str, path: &str| {
        let target = format!("/api/v4/projects/{}/releases/v1.7.0/assets/links", path.replace('/', "%2F"));
        visible(&caller.request(method, target).json(json!({ "name": "n", "url": "http://n" })).send())
    };
    for caller in [api.anonymous(), api.stranger()] {
        assert_eq!(write(&caller, "POST", &old), write(&caller, "POST", &none));
        assert_eq!(write(&caller, "PATCH", &old), write(&caller, "PATCH", &none));
    }
    let refused = api.developer().post(format!("/api/v4/projects/{}/releases", old.replace('/', "%2F")));
    refused.json(json!({ "tag_name": "v2" })).send().status(405);
}

#[test]
fn a_path_that_differs_in_case_only_is_the_same_project_to_everybody() {
    let api = Api::private();
    let shouted = format!("/api/v4/projects/{}", api.path.to_uppercase().replace('/', "%2F"));
    assert_eq!(api.guest().get(&shouted).send().status(200).id(), api.project);
    api.stranger().get(&shouted).send().is(404, HIDDEN);
    api.anonymous().get(shouted + "/releases").send().is(404, HIDDEN);
}

#[test]
fn a_path_or_name_that_differs_in_case_only_is_taken() {
    let api = Api::public();
    let root = api.admin();
    let namespace = root.get(project(&api)).send().status(200).json()["namespace"].clone();
    let taken = r#"{"message":{"path":["has already been taken"]}}"#;
    let shouted = json!({ "name": "HELLO", "path": "HELLO", "namespace_id": namespace["id"] });
    root.post("/api/v4/projects").json(shouted).send().is(400, taken);
    let group = namespace["path"].as_str().unwrap().to_uppercase();
    let shouted = json!({ "name": "g", "path": group, "visibility": "public" });
    api.stranger().post("/api/v4/groups").json(shouted).send().is(400, taken);
    let username = api.guest().get("/api/v4/user").send().status(200).json()["username"].clone();
    let shouted = username.as_str().unwrap().to_uppercase();
    let user = json!({ "username": shouted, "name": "n", "email": "shouted@example.com" });
    root.post("/api/v4/users").json(user).send().is(409, r#"{"message":"Username has already been taken"}"#);
    let group = json!({ "name": "g", "path": shouted });
    api.stranger().post("/api/v4/groups").json(group).send().is(400, taken);
}

#[test]
fn a_stranger_cannot_use_a_private_group_and_so_learn_of_it() {
    let api = Api::private();
    let group = api.admin().get(project(&api)).send().status(200).json()["namespace"]["id"].as_u64().unwrap();
    let stranger = api.stranger();
    let own = json!({ "name": format!("mine-{}", api.project) });
    let own = stranger.post("/api/v4/projects").json(own).send().status(201).id();
    for (method, target, parameter) in [
        ("POST", "/api/v4/projects".to_owned(), "namespace_id"),
        ("POST", "/api/v4/groups".to_owned(), "parent_id"),
        ("PUT", format!("/api/v4/projects/{own}/transfer"), "namespace"),
    ] {
        let ask = |id: u64| {
            let draft = json!({ "name": "n", "path": "n", parameter: id });
            stranger.request(method, &target).json(draft).send().status(404)
        };
        assert_eq!(visible(&ask(group)), visible(&ask(999_999_999)), "{method} {target}");
    }
    let (group, absent) = (format!("/api/v4/groups/{group}"), "/api/v4/groups/999999999");
    is_like_nothing(&stranger, &group, absent);
    is_like_nothing(&api.anonymous(), &group, absent);
    is_like_nothing(&stranger, &(group + "/members"), &format!("{absent}/members"));
}

#[test]
fn no_list_shows_what_its_reader_may_not_see() {
    let api = Api::private();
    let name = api.path.split('/').next().unwrap();
    for caller in [api.anonymous(), api.stranger()] {
        for target in [
            "/api/v4/projects?search=hello&per_page=100".to_owned(),
            "/api/v4/projects?visibility=private&per_page=100".to_owned(),
            format!("/api/v4/groups?search={name}"),
            "/api/v4/groups?per_page=100".to_owned(),
        ] {
            let listed = caller.get(&target).send().status(200);
            let quoted = format!("{name}/hello");
            assert!(!listed.text.contains(&quoted) && !listed.text.contains(&format!("\"{name}\"")), "{target}");
        }
    }
    // A filter that is narrowed by what the caller sees also counts so.
    let search = format!("/api/v4/groups?search={name}");
    let counted = api.stranger().get(&search).send().status(200);
    let of_all = api.admin().get(&search).send().status(200);
    assert_ne!(counted.header("x-total"), of_all.header("x-total"));
}

#[test]
fn an_email_is_for_its_owner_and_administrators() {
    let api = Api::public();
    let user = id_of(&api.guest());
    let target = format!("/api/v4/users/{user}");
    for caller in [api.stranger(), api.owner()] {
        for target in [target.clone(), "/api/v4/users?per_page=100".to_owned(), project(&api) + "/members/all"] {
            let seen = caller.get(target).send().status(200).json();
            let rows = seen.as_array().cloned().unwrap_or_else(|| vec![seen]);
            for row in rows.iter().filter(|row| row["id"] == user) {
                assert!(row.get("email").is_none() && row.get("is_admin").is_none(), "{row}");
            }
        }
    }
    assert!(api.guest().get(&target).send().status(200).json().get("email").is_some());
    assert!(api.admin().get(&target).send().status(200).json().get("email").is_some());
}

#[test]
fn another_users_tokens_are_as_if_they_were_not() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let user = id_of(&owner);
    let id = owner.get("/api/v4/personal_access_tokens/self").send().status(200).id();
    let stranger = api.stranger();
    let tokens = "/api/v4/personal_access_tokens";
    is_like_nothing(&stranger, &format!("{tokens}/{id}"), &format!("{tokens}/999999999"));
    let delete = |id: u64| visible(&stranger.delete(format!("{tokens}/{id}")).send().status(404));
    assert_eq!(delete(id), delete(999_999_999));
    let rotate = |id: u64| visible(&stranger.post(format!("{tokens}/{id}/rotate")).send().status(404));
    assert_eq!(rotate(id), rotate(999_999_999));
    let listed = stranger.get(format!("{tokens}?user_id={user}&per_page=100")).send();
    assert!(listed.status != 200 || listed.text == "[]", "{}", listed.text);
    let listed = stranger.get(format!("{tokens}?per_page=100")).send().status(200).json();
    assert!(listed.as_array().unwrap().iter().all(|token| token["user_id"] != user), "{listed}");
    owner.get("/api/v4/user").send().status(200);
}
