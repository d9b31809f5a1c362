//! Tokens of CI jobs.

use serde_json::{Value, json};

use super::{ABSENT, FORBIDDEN, HIDDEN, PERSONAL, UNAUTHORIZED};
use super::{bearing, job_tokens, keys, keys_in_order, own, shown};
use crate::harness::Api;

#[test]
fn a_job_token_acts_as_its_user_in_its_own_project_until_the_job_ends() {
    let (api, public) = (Api::private(), Api::public());
    let developer = api.developer();
    let made = developer.post(job_tokens(&api)).send().status(201);
    let (token, job) = (shown(&made), made.json());
    assert_eq!(keys(&job).len(), 5, "{job}");
    keys_in_order(&made.text, &["id", "token", "project_id", "user_id", "expires_at"]);
    assert!(token.starts_with("glcbt-") && token.len() >= 26, "{token}");
    assert_eq!((&job["project_id"], &job["user_id"]), (&json!(api.project), &own(&developer)["user_id"]));
    assert!(job["expires_at"].as_str().unwrap().ends_with('Z'));

    let by_job = |method: &str, target: &str| api.anonymous().request(method, target).header("JOB-TOKEN", &token);
    let link = json!({ "name": "a", "url": "http://a" });
    by_job("POST", &api.links()).json(&link).send().status(201);
    api.anonymous().get(format!("{}?job_token={token}", api.links())).send().status(200);
    api.anonymous().get(api.links()).header("Authorization", format!("Bearer {token}")).send().status(200);
    bearing(&api, &token, "GET", &api.links()).send().is(401, UNAUTHORIZED);
    by_job("GET", &public.links()).send().is(404, HIDDEN);
    by_job("POST", &job_tokens(&api)).send().is(403, FORBIDDEN);
    by_job("DELETE", &format!("{PERSONAL}/self")).send().is(403, FORBIDDEN);
    by_job("GET", &format!("{PERSONAL}/self")).send().is(403, FORBIDDEN);

    let one = format!("{}/{}", job_tokens(&api), job["id"]);
    by_job("DELETE", &one).send().is(403, FORBIDDEN);
    developer.delete(&one).send().status(204);
    by_job("GET", &api.links()).send().is(401, UNAUTHORIZED);
    by_job("GET", &public.links()).send().is(401, UNAUTHORIZED);
    developer.delete(&one).send().is(404, ABSENT);
}

#[test]
fn another_users_job_is_for_administrators() {
    let (api, other) = (Api::private(), Api::private());
    let guest = own(&api.guest())["user_id"].clone();
    let tokens = job_tokens(&api);
    api.owner().post(&tokens).json(json!({ "user_id": guest })).send().is(403, FORBIDDEN);
    api.guest().post(&tokens).send().is(403, FORBIDDEN);
    api.stranger().post(&tokens).send().is(404, HIDDEN);
    api.anonymous().post(&tokens).send().is(401, UNAUTHORIZED);
    api.admin().post(&tokens).json(json!({ "user_id": 999_999_999 })).send().status(404);
    let made = api.admin().post(&tokens).json(json!({ "user_id": guest, "expires_in": 60 })).send().status(201);
    assert_eq!(made.json()["user_id"], guest);
    let write = json!({ "name": "a", "url": "http://a" });
    let by_job = api.anonymous().post(api.links()).header("JOB-TOKEN", shown(&made));
    by_job.json(write).send().is(403, FORBIDDEN);

    let id = made.id();
    api.developer().delete(format!("{tokens}/{id}")).send().is(404, ABSENT);
    api.admin().delete(format!("{}/{id}", job_tokens(&other))).send().is(404, ABSENT);
    api.admin().delete(format!("{tokens}/{id}")).send().status(204);
    for seconds in [json!(0), json!(-1), json!(2_592_001), json!(4_294_967_295_u64), json!(99_999_999_999_u64)] {
        let refused = api.developer().post(&tokens).json(json!({ "expires_in": seconds })).send();
        refused.is_error("expires_in does not have a valid value");
    }
    api.developer().post(&tokens).json(json!({ "expires_in": 2_592_000 })).send().status(201);
    api.developer().post(&tokens).json(json!({ "expires_in": "soon" })).send().is_error("expires_in is invalid");
}

#[test]
fn the_tokens_in_force_in_a_project_are_listed_for_developers_without_the_token() {
    let (api, other) = (Api::private(), Api::private());
    let tokens = job_tokens(&api);
    let all: Vec<_> = (0..3).map(|_| api.developer().post(&tokens).send().status(201).json()).collect();
    api.developer().post(job_tokens(&other)).send();
    let without_token = |job: &Value| {
        let mut job = job.clone();
        job.as_object_mut().unwrap().remove("token").unwrap();
        job
    };
    let answer = api.developer().get(&tokens).send().status(200);
    assert_eq!(answer.json(), json!(all.iter().map(without_token).collect::<Vec<_>>()));
    assert!(!answer.text.contains("glcbt-"), "{}", answer.text);
    let page = api.developer().get(format!("{tokens}?per_page=2&page=2")).send().status(200);
    assert_eq!((page.json(), page.header("x-total")), (json!([without_token(&all[2])]), Some("3")));
    api.developer().delete(format!("{tokens}/{}", all[0]["id"])).send().status(204);
    let left = api.developer().get(&tokens).send().status(200).json();
    assert_eq!(left, json!(all[1..].iter().map(without_token).collect::<Vec<_>>()));

    api.developer().get(format!("{tokens}?page=x")).send().is_error("page is invalid");
    api.reporter().get(format!("{tokens}?page=x")).send().is(403, FORBIDDEN);
    for caller in [api.anonymous(), api.stranger()] {
        caller.get(&tokens).send().is(404, HIDDEN);
    }
}

#[test]
fn a_job_token_reaches_nothing_beyond_its_project_whether_it_exists_or_not() {
    let (api, other) = (Api::private(), Api::private());
    let token = shown(&api.developer().post(job_tokens(&api)).send().status(201));
    let by_job =
        |method: &str, target: &str| api.anonymous().request(method, target).header("JOB-TOKEN", &token).send();
    let group = api.admin().get(format!("/api/v4/projects/{}", api.project)).send().json()["namespace"]["id"].clone();
    for (method, target) in [
        ("GET", "/api/v4/users".to_owned()),
        ("GET", "/api/v4/users/1".to_owned()),
        ("GET", "/api/v4/users/999999999".to_owned()),
        ("PUT", "/api/v4/users/999999999".to_owned()),
        ("DELETE", "/api/v4/users/1".to_owned()),
        ("POST", "/api/v4/users/999999999/personal_access_tokens".to_owned()),
        ("GET", "/api/v4/groups".to_owned()),
        ("POST", "/api/v4/groups?parent_id=999999999".to_owned()),
        ("GET", format!("/api/v4/groups/{group}")),
        ("GET", "/api/v4/groups/absent".to_owned()),
        ("GET", format!("/api/v4/groups/{group}/members/all")),
        ("POST", "/api/v4/groups/absent/members".to_owned()),
        ("GET", PERSONAL.to_owned()),
        ("GET", format!("{PERSONAL}/999999999")),
        ("POST", format!("{PERSONAL}/999999999/rotate")),
        ("POST", "/api/v4/projects?namespace_id=999999999".to_owned()),
    ] {
        let answer = by_job(method, &target);
        assert_eq!((answer.status, answer.text.as_str()), (403, FORBIDDEN), "{method} {target}");
    }
    for target in ["user", "version", "metadata", &format!("projects/{}/members", api.project)] {
        by_job("GET", &format!("/api/v4/{target}")).status(200);
    }
    let listed = by_job("GET", "/api/v4/projects").status(200).json();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|project| project["id"].clone()).collect();
    assert_eq!(ids, [json!(api.project)]);
    by_job("GET", &format!("/api/v4/projects/{}", other.project)).is(404, HIDDEN);
}

#[test]
fn a_job_token_is_never_an_administrator() {
    let api = Api::public();
    let release = json!({ "tag_name": "v1" });
    for (visibility, status, body) in [("private", 404, HIDDEN), ("public", 403, FORBIDDEN)] {
        // Not one of those whose group the administrator made, and so owns.
        let own =
            json!({ "name": visibility, "path": format!("{visibility}-of-a-stranger"), "visibility": visibility });
        let project = api.stranger().post("/api/v4/projects").json(own).send().status(201).id();
        let target = format!("/api/v4/projects/{project}");
        let token = shown(&api.admin().post(format!("{target}/job_tokens")).send().status(201));
        let by_job = |method: &str, target: &str| api.anonymous().request(method, target).header("JOB-TOKEN", &token);
        by_job("POST", &format!("{target}/releases")).json(&release).send().is(status, body);
        by_job("GET", &target).send().status(if status == 404 { 404 } else { 200 });
        by_job("GET", "/api/v4/user").send().status(200);
    }
}
