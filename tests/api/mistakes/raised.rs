//! Escalation: callers who give themselves a higher role, scope or level.

use serde_json::{Value, json};

use super::{FORBIDDEN, INSUFFICIENT, fresh_link, id_of, membership, project, write};
use crate::harness::{Api, Caller};
use crate::matrix::routes;

#[track_caller]
fn level(api: &Api, caller: &Caller) -> Value {
    api.admin().get(membership(api, caller)).send().status(200).json()["access_level"].clone()
}

#[test]
fn a_maintainer_makes_no_owner() {
    let api = Api::private();
    let (maintainer, guest, newcomer) = (api.maintainer(), api.guest(), api.newcomer(0, "api"));
    let owner = json!({ "user_id": id_of(&newcomer), "access_level": 50 });
    maintainer.post(project(&api) + "/members").json(owner).send().is(403, FORBIDDEN);
    for member in [&guest, &maintainer] {
        maintainer.put(membership(&api, member)).json(json!({ "access_level": 50 })).send().is(403, FORBIDDEN);
    }
    assert_eq!((level(&api, &guest), level(&api, &maintainer)), (json!(10), json!(40)));
    let token = json!({ "name": "t", "scopes": ["api"], "access_level": 50 });
    maintainer.post(project(&api) + "/access_tokens").json(token).send().is(403, FORBIDDEN);
    let equal = json!({ "user_id": id_of(&newcomer), "access_level": 40 });
    maintainer.post(project(&api) + "/members").json(equal).send().status(201);
}

#[test]
fn a_maintainer_neither_lowers_nor_removes_an_owner() {
    let api = Api::private();
    let (maintainer, owner) = (api.maintainer(), api.owner());
    maintainer.put(membership(&api, &owner)).json(json!({ "access_level": 10 })).send().is(403, FORBIDDEN);
    maintainer.delete(membership(&api, &owner)).send().is(403, FORBIDDEN);
    assert_eq!(level(&api, &owner), 50);
}

#[test]
fn a_maintainer_neither_revokes_nor_rotates_a_token_above_their_own_level() {
    let api = Api::private();
    let (id, token) = super::project_token(&api, 50);
    let target = format!("{}/access_tokens/{id}", project(&api));
    api.maintainer().post(target.clone() + "/rotate").send().is(403, FORBIDDEN);
    api.maintainer().delete(&target).send().is(403, FORBIDDEN);
    api.anonymous().get(api.links()).header("PRIVATE-TOKEN", token).send().status(200);
}

#[test]
fn a_level_between_or_beyond_the_five_is_refused() {
    let api = Api::public();
    let (owner, newcomer) = (api.owner(), id_of(&api.newcomer(0, "api")));
    for level in [json!(0), json!(5), json!(35), json!(60), json!(-50), json!(50.5), json!("owner"), json!([50])] {
        let member = json!({ "user_id": newcomer, "access_level": level });
        owner.post(project(&api) + "/members").json(member).send().status(400);
        owner.put(membership(&api, &api.guest())).json(json!({ "access_level": level })).send().status(400);
        let token = json!({ "name": "t", "scopes": ["api"], "access_level": level });
        owner.post(project(&api) + "/access_tokens").json(token).send().status(400);
    }
}

#[test]
fn a_developer_gets_no_token_for_another_users_job() {
    let api = Api::private();
    let developer = api.developer();
    let root = id_of(&api.admin());
    for user in [id_of(&api.owner()), id_of(&api.maintainer()), id_of(&api.guest()), root] {
        let draft = json!({ "user_id": user });
        developer.post(project(&api) + "/job_tokens").json(&draft).send().is(403, FORBIDDEN);
        developer.post(format!("{}/job_tokens?user_id={user}", project(&api))).send().is(403, FORBIDDEN);
        api.guest().post(project(&api) + "/job_tokens").json(draft).send().is(403, FORBIDDEN);
    }
    let own = json!({ "user_id": id_of(&developer) });
    let made = developer.post(project(&api) + "/job_tokens").json(own).send().status(201).json();
    assert_eq!(made["user_id"], id_of(&developer));
}

#[test]
fn a_job_cannot_make_itself_a_longer_life() {
    let api = Api::private();
    let owner = api.owner();
    let (id, token) = super::job(&api, id_of(&owner));
    let by_job = |method: &str, target: String| {
        api.anonymous()
            .request(method, target)
            .header("JOB-TOKEN", &token)
            .json(json!({
            "name": "t", "scopes": ["api"], "access_level": 10, "user_id": id_of(&api.guest()) }))
            .send()
    };
    by_job("POST", project(&api) + "/job_tokens").is(403, FORBIDDEN);
    by_job("POST", project(&api) + "/access_tokens").is(403, FORBIDDEN);
    by_job("POST", project(&api) + "/members").is(403, FORBIDDEN);
    by_job("POST", format!("/api/v4/users/{}/personal_access_tokens", id_of(&owner))).is(403, FORBIDDEN);
    by_job("DELETE", format!("{}/job_tokens/{id}", project(&api))).is(403, FORBIDDEN);
}

#[test]
fn nobody_makes_themselves_an_administrator() {
    let api = Api::public();
    let caller = api.newcomer(50, "api");
    let user = format!("/api/v4/users/{}", id_of(&caller));
    for parameter in ["admin", "is_admin"] {
        caller.put(&user).json(json!({ parameter: true })).send().is(403, FORBIDDEN);
        let other = json!({ "username": "sock-puppet", "name": "s", "email": "s@example.com", parameter: true });
        caller.post("/api/v4/users").json(other).send().is(403, FORBIDDEN);
    }
    assert_eq!(caller.get("/api/v4/user").send().status(200).json()["is_admin"], false);
}

#[test]
fn a_tag_that_two_rules_match_asks_for_one_of_them() {
    let api = Api::public();
    api.release("v1.7.0-rc1");
    for (name, level) in [("v*", 0), ("v1.*", 40), ("*-rc1", 30)] {
        let rule = json!({ "name": name, "create_access_level": level });
        api.admin().post(project(&api) + "/protected_tags").json(rule).send().status(201);
    }
    let post = |caller: &Caller, tag: &str| caller.post(api.links_of(tag)).json(fresh_link()).send();
    post(&api.developer(), "v1.7.0").is(403, FORBIDDEN);
    post(&api.maintainer(), "v1.7.0").status(201);
    post(&api.developer(), "v1.7.0-rc1").status(201);
    post(&api.reporter(), "v1.7.0-rc1").is(403, FORBIDDEN);
    let unprotect = format!("{}/protected_tags/v1.%2A", project(&api));
    api.admin().delete(unprotect).send().status(204);
    post(&api.maintainer(), "v1.7.0").is(403, FORBIDDEN);
    post(&api.admin(), "v1.7.0").is(403, FORBIDDEN);
    let made = json!({ "tag_name": "v2" });
    api.admin().post(api.releases()).json(made).send().is(403, FORBIDDEN);
}

#[test]
fn a_tag_is_protected_as_a_whole_and_with_case() {
    let api = Api::public();
    let rule = json!({ "name": "v1.7.0", "create_access_level": 0 });
    api.admin().post(project(&api) + "/protected_tags").json(rule).send().status(201);
    write(&api, &api.owner()).is(403, FORBIDDEN);
    for tag in ["V1.7.0", "v1.7.0 ", "v1.7.0/x", "xv1.7.0", "v1x7x0"] {
        let made = json!({ "tag_name": tag });
        api.developer().post(api.releases()).json(made).send().status(201);
    }
    for tag in ["v1%2E7%2E0", "%761.7.0"] {
        api.owner().post(api.links_of(tag)).json(fresh_link()).send().is(403, FORBIDDEN);
    }
}

/// Every route that writes, whichever the service has, on what exists.
#[test]
fn read_api_writes_nothing() {
    let api = Api::public();
    let admin = api.admin();
    let root = id_of(&admin);
    let draft = json!({ "name": "r", "scopes": ["read_api"] });
    let made = admin.post(format!("/api/v4/users/{root}/personal_access_tokens")).json(draft).send().status(201);
    let reader = super::token_in(&made);
    let link = api.add("a", "https://example.com/a");
    let (user, job) = (id_of(&api.guest()), super::job(&api, id_of(&api.developer())).0);
    let access = super::project_token(&api, 30).0;
    let group = admin.get(project(&api)).send().status(200).json()["namespace"]["id"].as_u64().unwrap();
    let member = json!({ "user_id": user, "access_level": 10 });
    admin.post(format!("/api/v4/groups/{group}/members")).json(member).send().status(201);
    admin.post(project(&api) + "/protected_tags").json(json!({ "name": "w*" })).send().status(201);
    let pointed = json!({ "tag_name": "v1.7.0" });
    admin.put(project(&api) + "/release_channels/beta").json(pointed).send().status(201);
    let file = project(&api) + "/packages/generic/hello/1.0/file?select=package_file";
    let file = admin.put(file).body("bytes").send().status(200).json();
    let upload = admin.post(project(&api) + "/uploads").file("app.zip", "bytes").send().status(201).id();
    let named = |segment: &str| match segment {
        "projects" => api.project.to_string(),
        "groups" => group.to_string(),
        "users" | "members" => user.to_string(),
        "releases" | "tags" => "v1.7.0".to_owned(),
        "links" => link.to_string(),
        "personal_access_tokens" => made.id().to_string(),
        "protected_tags" => "w%2A".to_owned(),
        "release_channels" => "beta".to_owned(),
        "access_tokens" => access.to_string(),
        "job_tokens" => job.to_string(),
        "uploads" => upload.to_string(),
        "packages" => file["package_id"].to_string(),
        "package_files" => file["id"].to_string(),
        "generic" => "hello".to_owned(),
        "hello" => "1.0".to_owned(),
        "1.0" => "file".to_owned(),
        other => panic!("what comes after `{other}`?"),
    };
    let before = api.snapshot();
    for route in routes() {
        let (method, path) = route.split_once(' ').unwrap();
        // "`DELETE …/self` needs no scope", and nothing is at GraphQL's address.
        let needs_none = ["DELETE /api/v4/personal_access_tokens/self", "POST /api/graphql"];
        if method == "GET" || needs_none.contains(&route.as_str()) {
            continue;
        }
        let mut target: Vec<String> = Vec::new();
        for segment in path.split('/') {
            let segment = if segment == ":" { named(target.last().unwrap()) } else { segment.to_owned() };
            target.push(segment);
        }
        let target = target.join("/");
        let body = match path.rsplit('/').nth(1) {
            _ if path.ends_with("/manifest") => json!({ "links": [] }),
            Some("release_channels") => json!({ "tag_name": "v1.7.0" }),
            _ => fresh_link(),
        };
        let request = api.anonymous().request(method, &target).header("PRIVATE-TOKEN", &reader).json(body);
        let answer = request.send();
        assert_eq!((answer.status, answer.text.as_str()), (403, INSUFFICIENT), "{method} {target}");
    }
    assert_eq!(api.snapshot(), before);
}

#[test]
fn a_read_stays_a_read_whatever_verb_it_speaks_of() {
    let api = Api::public();
    let link = api.add("a", "https://example.com/a");
    let reader = api.newcomer(50, "read_api");
    for request in [
        reader.get(api.link(link) + "?_method=DELETE"),
        reader.get(api.link(link)).header("X-HTTP-Method-Override", "DELETE"),
        reader.get(api.link(link)).header("X-HTTP-Method", "DELETE"),
        reader.get(api.link(link)).form("_method=delete"),
    ] {
        request.send().status(200);
    }
    reader.post(api.link(link) + "?_method=GET").send().status(405);
    api.guest().get(api.link(link)).send().status(200);
}

#[test]
fn an_expired_token_neither_renews_nor_replaces_itself() {
    let api = Api::public();
    let user = id_of(&api.developer());
    let draft = json!({ "name": "old", "scopes": ["api"], "expires_at": "2001-01-01" });
    let made = api.admin().post(format!("/api/v4/users/{user}/personal_access_tokens")).json(draft).send().status(201);
    let token = super::token_in(&made);
    for (method, target) in [
        ("POST", "/api/v4/personal_access_tokens/self/rotate".to_owned()),
        ("POST", format!("/api/v4/personal_access_tokens/{}/rotate", made.id())),
        ("POST", format!("/api/v4/users/{user}/personal_access_tokens")),
        ("DELETE", "/api/v4/personal_access_tokens/self".to_owned()),
    ] {
        let answer = api.anonymous().request(method, &target).header("PRIVATE-TOKEN", &token).send().status(401);
        assert!(answer.text.contains("Token is expired."), "{method} {target}: {}", answer.text);
    }
}
