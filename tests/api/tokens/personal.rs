//! Personal access tokens, and what all tokens have in common.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{ABSENT, EXPIRED, FORBIDDEN, NO_SCOPE, PERSONAL, REVOKED, UNAUTHORIZED};
use super::{bearing, keys, keys_in_order, own, project_token, project_tokens, shown};
use crate::harness::{Api, Launch, ROOT_TOKEN, Request, Visibility};

#[test]
fn a_token_shows_itself_without_its_secret() {
    let api = Api::private();
    let caller = api.guest();
    let answer = caller.get(format!("{PERSONAL}/self")).send().status(200);
    let order = [
        "id",
        "name",
        "description",
        "scopes",
        "user_id",
        "active",
        "revoked",
        "created_at",
        "last_used_at",
        "expires_at",
    ];
    keys_in_order(&answer.text, &order);
    let token = answer.json();
    assert_eq!(keys(&token).len(), order.len(), "{token}");
    assert_eq!((&token["scopes"], &token["active"], &token["revoked"]), (&json!(["api"]), &json!(true), &json!(false)));
    assert_eq!((&token["expires_at"], &token["description"]), (&Value::Null, &Value::Null));
    caller.get(format!("{PERSONAL}/{}", token["id"])).send().status(200);
}

#[test]
fn administrators_list_all_tokens_and_others_their_own() {
    let api = Api::private();
    let (guest, reporter) = (api.guest(), api.reporter());
    let (own_token, foreign) = (own(&guest), own(&reporter));
    let user = &own_token["user_id"];
    let listed = guest.get(PERSONAL).send().status(200);
    assert_eq!(listed.header("x-total"), Some("1"));
    assert_eq!(listed.json()[0]["id"], own_token["id"]);
    guest.get(format!("{PERSONAL}?user_id={user}")).send().status(200);
    guest.get(format!("{PERSONAL}?user_id={}", foreign["user_id"])).send().is(403, FORBIDDEN);
    let by_admin = api.admin().get(format!("{PERSONAL}?user_id={user}&state=active")).send().status(200).json();
    assert_eq!(by_admin.as_array().unwrap().len(), 1);
    let all = api.admin().get(format!("{PERSONAL}?per_page=1")).send().status(200);
    assert!(all.header("x-total").unwrap().parse::<u64>().unwrap() > 2);
    api.anonymous().get(PERSONAL).send().is(401, UNAUTHORIZED);
}

#[test]
fn a_list_of_tokens_heeds_each_filter() {
    let api = Api::private();
    let caller = api.stranger();
    let user = own(&caller)["user_id"].clone();
    let create = |name: &str, expires_at: &str| {
        let draft = json!({ "name": name, "scopes": ["read_api"], "expires_at": expires_at });
        caller.post(format!("/api/v4/users/{user}/personal_access_tokens")).json(draft).send().status(201).id()
    };
    let (old, gone) = (create("Old", "2020-01-01"), create("gone", "2099-01-01"));
    caller.delete(format!("{PERSONAL}/{gone}")).send().status(204);
    for (query, expected) in [
        ("", &["tests", "Old", "gone"][..]),
        ("state=active", &["tests"]),
        ("state=inactive", &["Old", "gone"]),
        ("revoked=true", &["gone"]),
        ("revoked=false", &["tests", "Old"]),
        ("search=oLD", &["Old"]),
        ("search=nothing", &[]),
        ("state=inactive&revoked=false", &["Old"]),
        ("per_page=1&page=2", &["Old"]),
    ] {
        let listed = caller.get(format!("{PERSONAL}?{query}")).send().status(200).json();
        let names: Vec<_> = listed.as_array().unwrap().iter().map(|token| token["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
    assert!(!caller.get(format!("{PERSONAL}/{old}")).send().status(200).json()["active"].as_bool().unwrap());
    let words = "state does not have a valid value, allowed are active, inactive";
    caller.get(format!("{PERSONAL}?state=x")).send().is_error(words);
    caller
        .get(format!("{PERSONAL}?revoked=x&per_page=0"))
        .send()
        .is_error("revoked is invalid, per_page has a value not allowed");
}

#[test]
fn a_foreign_token_is_absent() {
    let api = Api::private();
    let token = &own(&api.guest())["id"];
    let stranger = api.stranger();
    for id in [token.to_string(), "999999999".to_owned(), "x".to_owned(), "99999999999999999999".to_owned()] {
        stranger.get(format!("{PERSONAL}/{id}")).send().is(404, ABSENT);
        stranger.delete(format!("{PERSONAL}/{id}")).send().is(404, ABSENT);
        stranger.post(format!("{PERSONAL}/{id}/rotate")).send().is(404, ABSENT);
    }
    api.anonymous().get(format!("{PERSONAL}/{token}")).send().is(401, UNAUTHORIZED);
    api.admin().get(format!("{PERSONAL}/{token}")).send().status(200);
}

#[test]
fn a_revoked_token_is_refused_at_the_very_next_request() {
    let api = Api::public();
    let (caller, by_admin) = (api.guest(), api.reporter());
    caller.get(api.links()).send().status(200);
    caller.delete(format!("{PERSONAL}/self")).send().status(204);
    caller.get(api.links()).send().is(401, REVOKED);
    let id = own(&by_admin)["id"].clone();
    api.admin().delete(format!("{PERSONAL}/{id}")).send().status(204);
    by_admin.get(api.links()).send().is(401, REVOKED);
    api.admin().delete(format!("{PERSONAL}/{id}")).send().status(204);
    assert_eq!(api.admin().get(format!("{PERSONAL}/{id}")).send().status(200).json()["revoked"], json!(true));
}

#[test]
fn a_role_lowered_between_two_requests_counts_at_once() {
    let api = Api::private();
    let developer = api.developer();
    let user = own(&developer)["user_id"].clone();
    let job = shown(&developer.post(format!("/api/v4/projects/{}/job_tokens", api.project)).send().status(201));
    let write = |name: &str| {
        let link = json!({ "name": name, "url": format!("http://{name}") });
        let by_job = api.anonymous().post(api.links()).header("JOB-TOKEN", &job);
        let by_job = by_job.json(json!({ "name": format!("{name}2"), "url": format!("http://{name}2") })).send();
        [developer.post(api.links()).json(link).send().status, by_job.status]
    };
    assert_eq!(write("a"), [201, 201]);
    let member = format!("/api/v4/projects/{}/members/{user}", api.project);
    api.maintainer().put(&member).json(json!({ "access_level": 20 })).send().status(200);
    assert_eq!(write("b"), [403, 403]);
    api.maintainer().delete(&member).send().status(204);
    assert_eq!(write("c"), [404, 404]);
}

#[test]
fn a_token_whose_user_is_gone_is_unknown() {
    let api = Api::public();
    let caller = api.developer();
    let job = shown(&caller.post(format!("/api/v4/projects/{}/job_tokens", api.project)).send().status(201));
    let user = own(&caller)["user_id"].clone();
    api.admin().delete(format!("/api/v4/users/{user}")).send().status(204);
    caller.get(api.links()).send().is(401, UNAUTHORIZED);
    api.anonymous().get(api.links()).header("JOB-TOKEN", job).send().is(401, UNAUTHORIZED);
}

#[test]
fn a_token_takes_itself_back_whatever_its_scope() {
    let api = Api::public();
    for scope in ["read_api", "read_user"] {
        let caller = api.newcomer(0, scope);
        assert!(caller.delete(format!("{PERSONAL}/1")).send().status(404).text.contains("404"));
        let rotated = caller.post(format!("{PERSONAL}/self/rotate")).send().status(403);
        assert!(rotated.text.contains(NO_SCOPE), "{rotated:?}");
        caller.delete(format!("{PERSONAL}/self")).send().status(204);
        caller.get(api.links()).send().is(401, REVOKED);
    }
}

#[test]
fn a_token_of_the_scope_self_rotate_rotates_itself_and_does_nothing_else() {
    let api = Api::public();
    let caller = api.newcomer(50, "self_rotate");
    let new = shown(&caller.post(format!("{PERSONAL}/self/rotate")).send().status(200));
    caller.get(api.links()).send().is(401, REVOKED);
    for (method, target) in [("GET", format!("{PERSONAL}/self")), ("GET", api.links()), ("POST", api.releases())] {
        let refused = bearing(&api, &new, method, &target).json(json!({ "tag_name": "v9" })).send().status(403);
        assert!(refused.text.contains(NO_SCOPE), "{refused:?}");
    }
    bearing(&api, &new, "POST", &format!("{PERSONAL}/self/rotate")).send().status(200);
}

#[test]
fn a_description_has_at_most_five_hundred_characters() {
    let api = Api::private();
    let caller = api.maintainer();
    let user = own(&caller)["user_id"].clone();
    for tokens in [format!("/api/v4/users/{user}/personal_access_tokens"), project_tokens(&api)] {
        let make = |description: Value| {
            let draft = json!({ "name": "x", "scopes": ["api"], "description": description });
            caller.post(&tokens).json(draft).send()
        };
        let longest = json!("é".repeat(500));
        assert_eq!(make(longest.clone()).status(201).json()["description"], longest);
        make(json!("é".repeat(501))).is_error("description is too long (maximum is 500 characters)");
        for none in [Value::Null, json!("")] {
            assert_eq!(make(none).status(201).json()["description"], Value::Null);
        }
    }
}

#[test]
fn a_rotated_token_gives_way_to_one_with_the_same_name_description_scopes_and_expiry() {
    let api = Api::public();
    let caller = api.stranger();
    let user = own(&caller)["user_id"].clone();
    let draft = json!({
        "name": "nightly", "description": "Builds\nat night", "scopes": ["read_api", "api"], "expires_at": "2099-12-31",
    });
    let tokens = format!("/api/v4/users/{user}/personal_access_tokens");
    let old = caller.post(tokens).json(draft).send().status(201);
    let new = bearing(&api, &shown(&old), "POST", &format!("{PERSONAL}/self/rotate")).send().status(200);
    let (was, is) = (old.json(), new.json());
    assert_eq!(was["description"], json!("Builds\nat night"));
    for key in ["name", "description", "scopes", "user_id", "expires_at", "active", "revoked"] {
        assert_eq!(was[key], is[key], "{key}");
    }
    assert!(is["id"].as_u64() > was["id"].as_u64());
    assert!(shown(&new).starts_with("glpat-") && shown(&new) != shown(&old));
    bearing(&api, &shown(&old), "GET", &api.links()).send().is(401, REVOKED);
    bearing(&api, &shown(&new), "GET", &api.links()).send().status(200);

    let rotate = format!("{PERSONAL}/{}/rotate", is["id"]);
    caller
        .post(&rotate)
        .json(json!({ "expires_at": "tomorrow" }))
        .send()
        .is_error("expires_at is invalid, must be a date as YYYY-MM-DD");
    let past = caller.post(&rotate).json(json!({ "expires_at": "2020-01-01" })).send().status(200);
    assert_eq!((&past.json()["expires_at"], &past.json()["active"]), (&json!("2020-01-01"), &json!(false)));
    bearing(&api, &shown(&past), "GET", &api.links()).send().is(401, EXPIRED);
    caller.post(&rotate).send().is(400, r#"{"message":"400 Bad request - token already revoked"}"#);
}

#[test]
fn what_a_new_token_lacks_is_named_with_what_is_allowed() {
    let api = Api::private();
    let user = own(&api.maintainer())["user_id"].clone();
    for target in [project_tokens(&api), format!("/api/v4/users/{user}/personal_access_tokens")] {
        let post = |draft: Value| api.maintainer().post(&target).json(draft).send();
        post(json!({})).is_error("name is missing, scopes is missing");
        let refused = post(json!({ "name": "x", "scopes": ["api", "root"] })).status(400).json();
        let words = refused["error"].as_str().unwrap();
        assert!(words.starts_with("scopes does not have a valid value, allowed are api, read_api, "), "{words}");
        let day = json!({ "name": "x", "scopes": ["api"], "expires_at": "2031-02-30" });
        post(day).is_error("expires_at is invalid, must be a date as YYYY-MM-DD");
    }
    let level = json!({ "name": "x", "scopes": ["api"], "access_level": 25 });
    api.maintainer()
        .post(project_tokens(&api))
        .json(level)
        .send()
        .is_error("access_level does not have a valid value, allowed are 10, 15, 20, 30, 40, 50");
}

#[test]
fn the_last_use_of_a_token_outlives_the_server() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let id = own(&api.guest())["id"].clone();
    let unused = project_token(&api).0;
    server.stop();

    let server = launch.start();
    let as_root =
        |target: String| Request::new(server.address(), "GET", target).header("PRIVATE-TOKEN", ROOT_TOKEN).send();
    let used = as_root(format!("{PERSONAL}/{id}")).status(200).json();
    assert!(used["last_used_at"].as_str().is_some_and(|at| at >= used["created_at"].as_str().unwrap()), "{used}");
    let unused = as_root(format!("{}/{unused}", project_tokens(&api))).status(200).json();
    assert_eq!(unused["last_used_at"], Value::Null);
}

#[test]
fn every_filter_and_order_of_tokens_counts_for_personal_and_project_tokens() {
    let api = Api::public();
    let caller = api.newcomer(0, "api");
    let user = own(&caller)["user_id"].clone();
    let make = |name: &str, expires_at: Option<&str>| {
        let token = json!({ "name": name, "scopes": ["api"], "expires_at": expires_at });
        let personal = format!("/api/v4/users/{user}/personal_access_tokens");
        caller.post(personal).json(token.clone()).send().status(201);
        api.maintainer().post(project_tokens(&api)).json(token).send().status(201);
    };
    make("find-b", Some("2031-02-03"));
    make("find-A", None);
    make("find-c", Some("2031-02-02"));
    for (query, expected) in [
        ("", "b A c"),
        ("sort=created_asc", "b A c"),
        ("sort=created_desc", "c A b"),
        ("sort=name_asc", "A b c"),
        ("sort=name_desc", "c b A"),
        ("sort=expires_asc", "c b A"),
        ("sort=expires_at_asc_id_desc", "c b A"),
        ("sort=last_used_asc", "b A c"),
        ("sort=last_used_desc", "c A b"),
        ("created_after=2000-01-01&created_before=2999-01-01T00:00:00Z", "b A c"),
        ("created_after=2999-01-01", ""),
        ("created_before=2000-01-01", ""),
        ("last_used_after=2000-01-01", ""),
        ("last_used_before=2999-01-01", ""),
        ("expires_after=2031-02-03", "b"),
        ("expires_before=2031-02-03", "c"),
        ("expires_before=2031-02-03&expires_after=", "c"),
    ] {
        for (caller, list) in [(&caller, PERSONAL.to_owned()), (&api.maintainer(), project_tokens(&api))] {
            let found = caller.get(format!("{list}?search=find-&{query}")).send().status(200).json();
            let names = found
                .as_array()
                .unwrap()
                .iter()
                .map(|token| token["name"].as_str().unwrap().trim_start_matches("find-"));
            assert_eq!(names.collect::<Vec<_>>().join(" "), expected, "{list} {query}");
        }
    }
}

#[test]
fn filters_of_tokens_that_make_no_sense_are_refused_together() {
    let api = Api::public();
    for (query, faults) in [
        ("created_after=yesterday", "created_after is invalid"),
        ("last_used_before=2024-13-01", "last_used_before is invalid"),
        ("expires_after=2024", "expires_after is invalid"),
        ("expires_before[]=2031-02-03", "expires_before is invalid"),
        ("sort=desc", "sort does not have a valid value"),
        (
            "sort=&expires_after=x&revoked=maybe",
            "revoked is invalid, expires_after is invalid, sort does not have a valid value",
        ),
    ] {
        for list in [PERSONAL.to_owned(), project_tokens(&api)] {
            api.maintainer().get(format!("{list}?{query}")).send().is_error(faults);
        }
    }
}
