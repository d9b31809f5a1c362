//! A change on one server is effective on every other at the next request: servers keep no state between requests, so no
//! client has to stay with one of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::ground::two_on;
use crate::harness::database::on_a_server;
use crate::harness::{Api, Caller, Server, Visibility};

/// Runs a test with a project that was made on one server, and the other server; then the other way round.
fn both_ways(visibility: Visibility, test: impl Fn(&Api, &Arc<Server>)) {
    let [one, two] = two_on(&on_a_server());
    for (here, there) in [(&one, &two), (&two, &one)] {
        test(&Api::on(here, visibility), there);
    }
}

fn create(api: &Api, caller: &Caller, name: &str) -> u16 {
    caller.post(api.links()).json(json!({ "name": name, "url": format!("http://{name}") })).send().status
}

fn membership(api: &Api, caller: &Caller) -> String {
    let user = caller.get("/api/v4/user").send().status(200).id();
    format!("/api/v4/projects/{}/members/{user}", api.project)
}

#[test]
fn a_token_revoked_on_one_server_is_refused_by_the_other() {
    both_ways(Visibility::Public, |api, there| {
        let developer = api.developer();
        assert_eq!(create(api, &developer.at(there), "a"), 201);
        developer.delete("/api/v4/personal_access_tokens/self").send().status(204);
        let refusal = developer.at(there).get(api.links()).send().status(401);
        assert!(refusal.text.contains("Token was revoked"), "{refusal:?}");
    });
}

#[test]
fn a_user_removed_on_one_server_is_unknown_to_the_other() {
    both_ways(Visibility::Public, |api, there| {
        let developer = api.developer();
        assert_eq!(create(api, &developer.at(there), "a"), 201);
        let user = developer.get("/api/v4/user").send().status(200).id();
        api.admin().delete(format!("/api/v4/users/{user}")).send().status(204);
        developer.at(there).get(api.links()).send().status(401);
    });
}

#[test]
fn a_role_lowered_on_one_server_is_lower_on_the_other() {
    both_ways(Visibility::Private, |api, there| {
        let developer = api.developer();
        assert_eq!(create(api, &developer.at(there), "a"), 201);
        let member = membership(api, &developer);
        api.admin().put(member).json(json!({ "access_level": 20 })).send().status(200);
        assert_eq!(create(api, &developer.at(there), "b"), 403);
        developer.at(there).get(api.links()).send().status(200);
    });
}

#[test]
fn a_member_removed_on_one_server_sees_nothing_on_the_other() {
    both_ways(Visibility::Private, |api, there| {
        let developer = api.developer();
        developer.at(there).get(api.links()).send().status(200);
        api.admin().delete(membership(api, &developer)).send().status(204);
        developer.at(there).get(api.links()).send().is(404, r#"{"message":"404 Project Not Found"}"#);
    });
}

#[test]
fn a_project_made_private_on_one_server_is_hidden_on_the_other() {
    both_ways(Visibility::Public, |api, there| {
        let anybody = api.anonymous().at(there);
        anybody.get(api.links()).send().status(200);
        let project = format!("/api/v4/projects/{}", api.project);
        api.admin().put(&project).json(json!({ "visibility": "private" })).send().status(200);
        anybody.get(api.links()).send().is(404, r#"{"message":"404 Project Not Found"}"#);
    });
}

#[test]
fn an_archived_project_refuses_writes_on_every_server() {
    both_ways(Visibility::Public, |api, there| {
        let developer = api.developer();
        assert_eq!(create(api, &developer.at(there), "a"), 201);
        api.admin().post(format!("/api/v4/projects/{}/archive", api.project)).send().status(201);
        assert_eq!(create(api, &developer.at(there), "b"), 403);
    });
}

#[test]
fn a_link_changed_or_deleted_on_one_server_is_so_on_the_other() {
    both_ways(Visibility::Public, |api, there| {
        let link = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" });
        let link = api.link(api.create(&link).status(201).id());
        let path = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
        let anybody = api.anonymous().at(there);
        let target = |target: &str| assert_eq!(anybody.get(&path).send().status(302).header("location"), Some(target));
        target("http://a");
        api.admin().put(&link).json(json!({ "url": "http://b" })).send().status(200);
        target("http://b");
        api.admin().delete(&link).send().status(200);
        anybody.get(&link).send().status(404);
        anybody.get(&path).send().status(404);
        assert_eq!(create(api, &api.admin().at(there), "a"), 201);
    });
}

#[test]
fn no_id_is_given_out_twice_by_two_servers() {
    const EACH: usize = 50;
    let servers = two_on(&on_a_server());
    let api = Api::on(&servers[0], Visibility::Public);
    let ids = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for writer in 0..4 {
            let (caller, api, ids) = (api.admin().at(&servers[writer % 2]), &api, &ids);
            scope.spawn(move || {
                for number in 0..EACH {
                    let link =
                        json!({ "name": format!("{writer}-{number}"), "url": format!("http://{writer}-{number}") });
                    let id = caller.post(api.links()).json(link).send().status(201).id();
                    ids.lock().unwrap().push(id);
                    caller.delete(api.link(id)).send().status(200);
                }
            });
        }
    });
    let ids = ids.into_inner().unwrap();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 4 * EACH, "{ids:?}");
}
