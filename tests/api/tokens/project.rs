//! Project tokens: each acts as a bot that is a member.

use serde_json::json;

use super::{ABSENT, FORBIDDEN, HIDDEN, INSUFFICIENT, NO_SCOPE, PERSONAL, REVOKED, UNAUTHORIZED};
use super::{bearing, draft, keys_in_order, project_token, project_tokens, shown};
use crate::harness::Api;

#[test]
fn a_token_of_a_project_acts_as_a_bot_that_is_a_member() {
    let api = Api::private();
    let made = api.maintainer().post(project_tokens(&api)).json(draft()).send().status(201);
    keys_in_order(
        &made.text,
        &["id", "name", "description", "scopes", "user_id", "expires_at", "access_level", "token"],
    );
    let (token, made) = (shown(&made), made.json());
    assert_eq!(made["access_level"], json!(30));
    let user = bearing(&api, &token, "GET", "/api/v4/user").send().status(200).json();
    assert_eq!((&user["id"], &user["bot"], &user["name"]), (&made["user_id"], &json!(true), &json!("bot")));
    let name = user["username"].as_str().unwrap();
    assert!(name.starts_with(&format!("project_{}_bot_", api.project)), "{name}");

    let link = json!({ "name": "a", "url": "http://a" });
    bearing(&api, &token, "POST", &api.links()).json(&link).send().status(201);
    bearing(&api, &token, "GET", "/api/v4/projects/999999999").send().is(404, HIDDEN);
    bearing(&api, &token, "GET", &Api::private().links()).send().is(404, HIDDEN);
    let shown_own = bearing(&api, &token, "GET", &format!("{PERSONAL}/self")).send().status(200).json();
    assert_eq!((&shown_own["id"], &shown_own["access_level"]), (&made["id"], &json!(30)));

    let default = json!({ "name": "bot", "scopes": ["api"] });
    let made = api.maintainer().post(project_tokens(&api)).json(default).send().status(201).json();
    assert_eq!(made["access_level"], json!(40));
}

#[test]
fn a_revoked_token_of_a_project_is_gone_with_its_bot_and_its_name() {
    let api = Api::private();
    let (id, token) = project_token(&api);
    let user = bearing(&api, &token, "GET", "/api/v4/user").send().status(200).id();
    bearing(&api, &token, "POST", &api.releases()).json(json!({ "tag_name": "v2" })).send().status(201);
    let release = || api.guest().get(format!("{}/v2", api.releases())).send().status(200).json();
    assert_eq!(release()["author"]["id"], json!(user));

    let one = format!("{}/{id}", project_tokens(&api));
    api.maintainer().get(&one).send().status(200);
    assert_eq!(api.maintainer().get(project_tokens(&api)).send().status(200).json().as_array().unwrap().len(), 1);
    api.maintainer().delete(&one).send().status(204);
    bearing(&api, &token, "GET", &api.links()).send().is(401, REVOKED);
    api.maintainer().get(&one).send().is(404, ABSENT);
    api.maintainer().delete(&one).send().is(404, ABSENT);
    api.maintainer().get(project_tokens(&api)).send().is(200, "[]");
    assert_eq!(release().get("author"), None);
}

#[test]
fn a_rotated_token_of_a_project_keeps_its_bot() {
    let api = Api::private();
    let made = json!({ "name": "bot", "description": "Builds", "scopes": ["api"] });
    let made = api.maintainer().post(project_tokens(&api)).json(made).send().status(201);
    let (id, token) = (made.id(), shown(&made));
    let rotated = api.maintainer().post(format!("{}/{id}/rotate", project_tokens(&api))).send().status(200);
    assert_eq!((&rotated.json()["name"], &rotated.json()["description"]), (&json!("bot"), &json!("Builds")));
    let bot = |token: &str| bearing(&api, token, "GET", "/api/v4/user").send();
    bot(&token).is(401, REVOKED);
    assert_eq!(json!(bot(&shown(&rotated)).status(200).id()), rotated.json()["user_id"]);
    let listed = api.maintainer().get(project_tokens(&api)).send().status(200).json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &rotated.json()["id"]));
    api.maintainer().delete(format!("{}/{}", project_tokens(&api), rotated.id())).send().status(204);
    bot(&token).is(401, REVOKED);
    bot(&shown(&rotated)).is(401, REVOKED);
}

#[test]
fn a_token_of_a_project_rotates_itself_and_writes_nothing_else_here() {
    let (api, other) = (Api::private(), Api::private());
    let made = |scope: &str| {
        let draft = json!({ "name": "bot", "scopes": [scope], "access_level": 30, "expires_at": "2099-12-31" });
        api.maintainer().post(project_tokens(&api)).json(draft).send().status(201)
    };
    let own = [format!("{PERSONAL}/self/rotate"), format!("{}/self/rotate", project_tokens(&api))];
    for scope in ["api", "self_rotate"] {
        let (mut token, first) = (shown(&made(scope)), made(scope).json());
        for target in &own {
            let rotated = bearing(&api, &token, "POST", target).send().status(200);
            bearing(&api, &token, "POST", target).send().is(401, REVOKED);
            for key in ["name", "scopes", "expires_at", "access_level"] {
                assert_eq!(rotated.json()[key], first[key], "{key}");
            }
            token = shown(&rotated);
        }
        let past = bearing(&api, &token, "POST", &own[1]).json(json!({ "expires_at": "x" })).send();
        past.is_error("expires_at is invalid, must be a date as YYYY-MM-DD");
        let expected = if scope == "api" { FORBIDDEN } else { INSUFFICIENT };
        let id = bearing(&api, &token, "POST", &own[0]).send().status(200);
        let token = shown(&id);
        bearing(&api, &token, "POST", &format!("{PERSONAL}/{}/rotate", id.id())).send().is(404, ABSENT);
        bearing(&api, &token, "POST", &format!("{}/{}/rotate", project_tokens(&api), id.id())).send().is(403, expected);
    }
    let token = shown(&made("read_api"));
    for target in &own {
        bearing(&api, &token, "POST", target).send().is(403, INSUFFICIENT);
        api.anonymous().post(target).send().is(401, UNAUTHORIZED);
    }
    let theirs = shown(&other.maintainer().post(project_tokens(&other)).json(draft()).send().status(201));
    bearing(&api, &theirs, "POST", &own[1]).send().is(404, HIDDEN);
    bearing(&api, &theirs, "POST", &own[1].replace(&api.project.to_string(), "999999999")).send().is(404, HIDDEN);
    api.maintainer().post(&own[1]).send().is(404, ABSENT);
    api.stranger().post(&own[1]).send().is(404, HIDDEN);
}

#[test]
fn tokens_of_a_project_are_for_its_maintainers() {
    let (api, public) = (Api::private(), Api::public());
    let (id, token) = project_token(&api);
    let tokens = project_tokens(&api);
    let one = format!("{tokens}/{id}");
    for caller in [api.guest(), api.reporter(), api.developer()] {
        caller.get(&tokens).send().is(403, FORBIDDEN);
        caller.get(&one).send().is(403, FORBIDDEN);
        caller.post(&tokens).json("{}").send().is(403, FORBIDDEN);
        caller.post(format!("{one}/rotate")).send().is(403, FORBIDDEN);
        caller.delete(&one).send().is(403, FORBIDDEN);
    }
    for target in [tokens.clone(), one.clone()] {
        api.stranger().get(&target).send().is(404, HIDDEN);
        api.anonymous().get(&target).send().is(404, HIDDEN);
        api.anonymous().delete(&one).send().is(401, UNAUTHORIZED);
    }
    public.anonymous().get(project_tokens(&public)).send().is(401, UNAUTHORIZED);
    public.stranger().get(project_tokens(&public)).send().is(403, FORBIDDEN);
    api.anonymous().post(&tokens).json(draft()).send().is(401, UNAUTHORIZED);
    bearing(&api, &token, "POST", &tokens).json(draft()).send().is(403, FORBIDDEN);
    bearing(&api, &token, "DELETE", &one).send().is(403, FORBIDDEN);
    bearing(&api, &token, "DELETE", &format!("{PERSONAL}/self")).send().is(403, FORBIDDEN);
    let reader = api.newcomer(50, "read_api");
    reader.get(&tokens).send().status(200);
    assert!(reader.post(&tokens).json("{}").send().status(403).text.contains(NO_SCOPE));
    assert!(reader.delete(&one).send().status(403).text.contains(NO_SCOPE));
}

#[test]
fn a_token_of_another_project_is_absent() {
    let (api, other) = (Api::private(), Api::private());
    let (id, token) = project_token(&api);
    let elsewhere = format!("{}/{id}", project_tokens(&other));
    other.owner().get(&elsewhere).send().is(404, ABSENT);
    other.owner().delete(&elsewhere).send().is(404, ABSENT);
    other.owner().post(format!("{elsewhere}/rotate")).send().is(404, ABSENT);
    let personal = format!("{PERSONAL}/{id}");
    api.admin().get(&personal).send().is(404, ABSENT);
    api.admin().delete(&personal).send().is(404, ABSENT);
    bearing(&api, &token, "GET", &api.links()).send().status(200);
}

#[test]
fn nobody_grants_exchanges_or_revokes_a_level_above_their_own() {
    let api = Api::private();
    let owner = json!({ "name": "bot", "scopes": ["api"], "access_level": 50 });
    api.maintainer().post(project_tokens(&api)).json(&owner).send().is(403, FORBIDDEN);
    let id = api.owner().post(project_tokens(&api)).json(&owner).send().status(201).id();
    let one = format!("{}/{id}", project_tokens(&api));
    api.maintainer().get(&one).send().status(200);
    api.maintainer().post(format!("{one}/rotate")).send().is(403, FORBIDDEN);
    api.maintainer().delete(&one).send().is(403, FORBIDDEN);
    api.owner().delete(&one).send().status(204);
}

#[test]
fn a_deleted_project_takes_its_bots_along() {
    let api = Api::private();
    let (_, token) = project_token(&api);
    let user = bearing(&api, &token, "GET", "/api/v4/user").send().status(200).id();
    api.owner().delete(format!("/api/v4/projects/{}", api.project)).send().status(202);
    bearing(&api, &token, "GET", "/api/v4/user").send().is(401, UNAUTHORIZED);
    api.admin().get(format!("/api/v4/users/{user}")).send().status(404);
}

#[test]
fn the_bot_of_a_project_is_listed_among_all_its_members_and_leaves_with_its_token() {
    let api = Api::private();
    let (id, token) = project_token(&api);
    let user = bearing(&api, &token, "GET", "/api/v4/user").send().status(200).id();
    let member = format!("/api/v4/projects/{}/members/all/{user}", api.project);
    assert_eq!(api.guest().get(&member).send().status(200).json()["access_level"], json!(30));
    api.owner().delete(format!("/api/v4/projects/{}/members/{user}", api.project)).send().is(403, FORBIDDEN);
    api.maintainer().delete(format!("{}/{id}", project_tokens(&api))).send().status(204);
    api.guest().get(&member).send().status(404);
}

#[test]
fn a_bot_is_left_to_its_token() {
    let api = Api::public();
    let (id, token) = project_token(&api);
    let bot = bearing(&api, &token, "GET", "/api/v4/user").send().status(200).json();
    let (root, user) = (api.admin(), format!("/api/v4/users/{}", bot["id"]));
    root.post(format!("{user}/personal_access_tokens")).json(draft()).send().is(403, FORBIDDEN);
    root.put(&user).json(json!({ "admin": true })).send().is(403, FORBIDDEN);
    root.put(&user).json(json!({ "username": "somebody-else" })).send().is(403, FORBIDDEN);
    root.delete(&user).send().is(403, FORBIDDEN);
    assert_eq!(root.get(&user).send().status(200).json()["is_admin"], json!(false));
    root.delete(format!("{}/{id}", project_tokens(&api))).send().status(204);
    root.get(&user).send().status(404);
    root.get(format!("/api/v4/users?username={}", bot["username"].as_str().unwrap())).send().is(200, "[]");
}
