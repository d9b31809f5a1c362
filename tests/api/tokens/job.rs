//! Tokens of CI jobs.

use serde_json::json;

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
    by_job("DELETE", &format!("{PERSONAL}/self")).send().is(404, ABSENT);
    by_job("GET", &format!("{PERSONAL}/self")).send().is(404, ABSENT);

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
    for seconds in [json!(0), json!(-1), json!(99_999_999_999_u64)] {
        let refused = api.developer().post(&tokens).json(json!({ "expires_in": seconds })).send();
        refused.is_error("expires_in has a value not allowed");
    }
    api.developer().post(&tokens).json(json!({ "expires_in": "soon" })).send().is_error("expires_in is invalid");
}
