//! Access that has been lost: each request is decided by the state at that moment.

use serde_json::json;

use super::{FORBIDDEN, HIDDEN, UNAUTHORIZED, fresh_link, id_of, job, membership, project, project_token, write};
use crate::harness::{Api, Caller};

/// A user without a project, and what the administrator calls them.
fn newcomer(api: &Api) -> (Caller, u64) {
    let caller = api.newcomer(0, "api");
    let id = id_of(&caller);
    (caller, id)
}

#[test]
fn a_project_where_access_was_lost_is_not_written_any_more() {
    for (api, status, body) in [(Api::public(), 403, FORBIDDEN), (Api::private(), 404, HIDDEN)] {
        let developer = api.newcomer(30, "api");
        write(&api, &developer).status(201);
        api.admin().delete(membership(&api, &developer)).send().status(204);
        write(&api, &developer).is(status, body);
        developer.delete(project(&api) + "/releases/v1.7.0").send().is(status, body);
    }
}

#[test]
fn access_that_came_from_a_group_goes_with_it() {
    let api = Api::private();
    let (caller, user) = newcomer(&api);
    let group = api.admin().get(project(&api)).send().status(200).json()["namespace"]["id"].clone();
    let members = format!("/api/v4/groups/{group}/members");
    write(&api, &caller).is(404, HIDDEN);
    let member = json!({ "user_id": user, "access_level": 30 });
    api.admin().post(&members).json(member).send().status(201);
    write(&api, &caller).status(201);
    api.admin().delete(format!("{members}/{user}")).send().status(204);
    write(&api, &caller).is(404, HIDDEN);
}

#[test]
fn access_that_came_from_a_group_stays_behind_when_the_project_moves() {
    let (api, other) = (Api::private(), Api::private());
    let (caller, user) = newcomer(&api);
    let namespace = |api: &Api| api.admin().get(project(api)).send().status(200).json()["namespace"]["id"].clone();
    let member = json!({ "user_id": user, "access_level": 30 });
    let (here, there) = (namespace(&api), namespace(&other));
    api.admin().post(format!("/api/v4/groups/{here}/members")).json(member).send().status(201);
    write(&api, &caller).status(201);
    // Two projects of one path cannot stand in one group.
    api.admin().put(project(&api)).json(json!({ "path": "moved" })).send().status(200);
    api.admin().put(project(&api) + "/transfer").json(json!({ "namespace": there })).send().status(200);
    write(&api, &caller).is(404, HIDDEN);
}

#[test]
fn a_role_that_was_lowered_between_two_requests_is_the_lower_one_in_the_second() {
    let api = Api::private();
    let caller = api.newcomer(40, "api");
    let (_, running) = job(&api, id_of(&caller));
    let by_job = || api.anonymous().post(api.links()).header("JOB-TOKEN", &running).json(fresh_link()).send();
    write(&api, &caller).status(201);
    by_job().status(201);
    let lowered = json!({ "access_level": 20 });
    api.admin().put(membership(&api, &caller)).json(lowered).send().status(200);
    write(&api, &caller).is(403, FORBIDDEN);
    by_job().is(403, FORBIDDEN);
    caller.get(project(&api) + "/access_tokens").send().is(403, FORBIDDEN);
    caller.get(api.links()).send().status(200);
}

#[test]
fn an_administrator_who_is_one_no_longer_is_anybody() {
    let api = Api::private();
    let (caller, user) = newcomer(&api);
    let promote = |admin: bool| {
        api.admin().put(format!("/api/v4/users/{user}")).json(json!({ "admin": admin })).send().status(200);
    };
    promote(true);
    write(&api, &caller).status(201);
    promote(false);
    write(&api, &caller).is(404, HIDDEN);
}

#[test]
fn an_old_token_opens_nothing_after_its_user_was_removed() {
    let api = Api::public();
    let developer = api.newcomer(30, "api");
    let user = id_of(&developer);
    let (_, running) = job(&api, user);
    let read = |name: &str, token: &str| api.anonymous().get(api.links()).header(name, token).send();
    write(&api, &developer).status(201);
    read("JOB-TOKEN", &running).status(200);
    api.admin().delete(format!("/api/v4/users/{user}")).send().status(204);
    write(&api, &developer).is(401, UNAUTHORIZED);
    read("PRIVATE-TOKEN", developer.token()).is(401, UNAUTHORIZED);
    read("JOB-TOKEN", &running).is(401, UNAUTHORIZED);
}

#[test]
fn a_job_whose_user_lost_access_has_lost_it_too() {
    let api = Api::private();
    let developer = api.newcomer(30, "api");
    let (_, running) = job(&api, id_of(&developer));
    api.admin().delete(membership(&api, &developer)).send().status(204);
    let post = api.anonymous().post(api.links()).header("JOB-TOKEN", &running).json(fresh_link());
    post.send().is(404, HIDDEN);
}

#[test]
fn a_job_that_ended_opens_nothing() {
    let api = Api::public();
    let developer = api.developer();
    let made = developer.post(project(&api) + "/job_tokens").json("{}").send().status(201);
    let token = super::token_in(&made);
    let read = || api.anonymous().get(api.links()).header("JOB-TOKEN", &token).send();
    read().status(200);
    developer.delete(format!("{}/job_tokens/{}", project(&api), made.id())).send().status(204);
    read().is(401, UNAUTHORIZED);
}

#[test]
fn a_rotated_tokens_predecessor_opens_nothing() {
    let api = Api::public();
    let caller = api.newcomer(30, "api");
    let rotated = caller.post("/api/v4/personal_access_tokens/self/rotate").send().status(200);
    let fresh = super::token_in(&rotated);
    assert_ne!(fresh, caller.token());
    caller.get(api.links()).send().status(401);
    caller.post("/api/v4/personal_access_tokens/self/rotate").send().status(401);
    api.anonymous().get("/api/v4/user").header("PRIVATE-TOKEN", fresh).send().status(200);
}

#[test]
fn a_projects_tokens_and_jobs_go_with_it_and_its_successor_does_not_know_them() {
    let api = Api::private();
    let (_, token) = project_token(&api, 50);
    let (_, running) = job(&api, id_of(&api.developer()));
    let owner = api.newcomer(50, "api");
    let parent = api.admin().get(project(&api)).send().status(200).json()["namespace"]["id"].clone();
    owner.delete(project(&api)).send().status(202);
    let successor = json!({ "name": "hello", "path": "hello", "namespace_id": parent, "visibility": "private" });
    let successor = api.admin().post("/api/v4/projects").json(successor).send().status(201).id();
    assert_ne!(successor, api.project);
    let target = format!("/api/v4/projects/{}/releases", api.path.replace('/', "%2F"));
    owner.get(&target).send().is(404, HIDDEN);
    api.anonymous().get(&target).header("PRIVATE-TOKEN", token).send().is(401, UNAUTHORIZED);
    api.anonymous().get(&target).header("JOB-TOKEN", running).send().is(401, UNAUTHORIZED);
}

#[test]
fn a_project_that_takes_an_old_path_gets_neither_its_readers_nor_its_links() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "https://example.com/a", "filepath": "/bin/a" })).status(201);
    let old = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    let parent = api.admin().get(project(&api)).send().status(200).json()["namespace"]["id"].clone();
    api.admin().put(project(&api)).json(json!({ "path": "moved" })).send().status(200);
    api.anonymous().get(&old).send().status(302);
    let successor = json!({ "name": "hello", "path": "hello", "namespace_id": parent, "visibility": "private" });
    api.admin().post("/api/v4/projects").json(successor).send().status(201);
    api.anonymous().get(&old).send().is(404, HIDDEN);
    api.developer().get(&old).send().is(404, HIDDEN);
}

#[test]
fn what_was_fetched_before_access_was_lost_is_not_confirmed_after_it() {
    let api = Api::public();
    let answer = api.stranger().get(api.links()).send().status(200);
    let tag = answer.header("etag").expect("a list has an ETag").to_owned();
    api.stranger().get(api.links()).header("If-None-Match", &tag).send().status(304);
    api.admin().put(project(&api)).json(json!({ "visibility": "private" })).send().status(200);
    api.stranger().get(api.links()).header("If-None-Match", &tag).send().is(404, HIDDEN);
    api.stranger().get(api.links()).header("If-None-Match", "*").send().is(404, HIDDEN);
    api.anonymous().get(api.links()).header("If-None-Match", &tag).send().is(404, HIDDEN);
}
