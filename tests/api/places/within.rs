//! What a group contains and what a user owns: `/groups/:id/subgroups`, `/groups/:id/projects`, `/users/:id/projects`.

use serde_json::{Value, json};

use super::{FORBIDDEN, INSUFFICIENT_SCOPE, NO_GROUP, column, make_group, make_project, username};
use crate::harness::{Api, Caller, encoded};

const NO_USER: &str = r#"{"message":"404 User Not Found"}"#;

fn ids(caller: &Caller, target: &str) -> Vec<Value> {
    column(caller, target, "id")
}

#[test]
fn a_group_lists_the_groups_and_projects_directly_below_it_and_all_projects_if_asked() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let path = username(&owner) + "-top";
    let top = make_group(&owner, &path, None, "public");
    let hidden = make_group(&owner, "b-hidden", Some(top), "private");
    let open = make_group(&owner, "a-open", Some(top), "public");
    let deep = make_group(&owner, "deep", Some(open), "public");
    let first = make_project(&owner, "first", Some(top), "public");
    let second = make_project(&owner, "second", Some(top), "private");
    let lower = make_project(&owner, "lower", Some(deep), "public");
    let secret = make_project(&owner, "secret", Some(hidden), "private");
    let target = |rest: &str| format!("/api/v4/groups/{}/{rest}", encoded(&path.to_uppercase()));
    for (caller, rest, expected) in [
        (&owner, "subgroups", vec![open, hidden]),
        (&api.stranger(), "subgroups", vec![open]),
        (&api.anonymous(), "subgroups", vec![open]),
        (&owner, "subgroups?search=HID", vec![hidden]),
        (&owner, "subgroups?top_level_only=true", vec![]),
        (&owner, "projects", vec![second, first]),
        (&api.stranger(), "projects", vec![first]),
        (&owner, "projects?include_subgroups=true", vec![secret, lower, second, first]),
        (&api.anonymous(), "projects?include_subgroups=1", vec![lower, first]),
        (&owner, "projects?include_subgroups=true&visibility=public", vec![lower, first]),
        (&owner, "projects?include_subgroups=true&owned=true&per_page=1&page=2", vec![lower]),
        (&api.stranger(), "projects?membership=true", vec![]),
        (&owner, "projects?search=SECO", vec![second]),
    ] {
        assert_eq!(ids(caller, &target(rest)), expected.into_iter().map(Value::from).collect::<Vec<_>>(), "{rest}");
    }
    let page = owner.get(target("projects?include_subgroups=true&per_page=3")).send().status(200);
    assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("4"), Some("2")));
    owner.get(target("projects?include_subgroups=x")).send().is_error("include_subgroups is invalid");
    owner.get(target("subgroups?per_page=0")).send().is_error("per_page has a value not allowed");
    for rest in ["subgroups", "projects"] {
        let hidden = format!("/api/v4/groups/{hidden}/{rest}?per_page=0");
        for nowhere in [hidden, format!("/api/v4/groups/99999999/{rest}"), format!("/api/v4/groups/a%20b/{rest}")] {
            api.stranger().get(&nowhere).send().is(404, NO_GROUP);
            api.anonymous().get(&nowhere).send().is(404, NO_GROUP);
        }
        api.newcomer(0, "read_user").get(target(rest)).send().is(403, INSUFFICIENT_SCOPE);
    }
}

#[test]
fn a_user_s_own_projects_are_listed_by_id_and_by_username() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let name = username(&owner);
    let id = owner.get("/api/v4/user").send().status(200).id();
    let open = make_project(&owner, "open", None, "public");
    let secret = make_project(&owner, "secret", None, "private");
    let top = make_group(&owner, &(name.clone() + "-top"), None, "public");
    make_project(&owner, "elsewhere", Some(top), "public");
    for user in [id.to_string(), name.to_uppercase()] {
        let target = format!("/api/v4/users/{user}/projects");
        assert_eq!(ids(&owner, &target), [json!(secret), json!(open)]);
        assert_eq!(ids(&api.admin(), &target), [json!(secret), json!(open)]);
        assert_eq!(ids(&api.stranger(), &target), [json!(open)]);
        assert_eq!(ids(&api.anonymous(), &target), [json!(open)]);
        assert_eq!(ids(&owner, &format!("{target}?visibility=private")), [json!(secret)]);
        assert_eq!(ids(&owner, &format!("{target}?search=OPE&owned=true")), [json!(open)]);
        owner.get(format!("{target}?archived=x")).send().is_error("archived is invalid");
        api.newcomer(0, "read_user").get(&target).send().is(403, INSUFFICIENT_SCOPE);
    }
    let newcomer = api.newcomer(0, "api");
    let hermit = newcomer.get("/api/v4/user").send().status(200).id();
    make_project(&newcomer, "own", None, "internal");
    for user in [hermit.to_string(), username(&newcomer)] {
        let target = format!("/api/v4/users/{user}/projects?archived=x");
        api.anonymous().get(&target).send().is(404, NO_USER);
        api.stranger().get(&target).send().is_error("archived is invalid");
    }
    for nobody in ["999999999", "no-such-user", "a%20b", &format!("{name}-top"), "99999999999999999999"] {
        let target = format!("/api/v4/users/{nobody}/projects");
        api.anonymous().get(&target).send().is(404, NO_USER);
        owner.get(target + "?archived=x").send().is(404, NO_USER);
    }
    let job = api.admin().post(format!("/api/v4/projects/{}/job_tokens", api.project)).json("{}").send().status(201);
    let job = job.json()["token"].as_str().unwrap().to_owned();
    for target in [format!("/api/v4/users/{id}/projects"), format!("/api/v4/groups/{top}/projects")] {
        api.anonymous().get(target).header("JOB-TOKEN", &job).send().is(403, FORBIDDEN);
    }
}

#[test]
fn a_member_of_a_project_finds_the_groups_above_it_and_nothing_else_of_them() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let member = api.newcomer(0, "api");
    let name = username(&owner) + "-above";
    let top = make_group(&owner, &name, None, "private");
    let low = make_group(&owner, "low", Some(top), "private");
    let hidden = make_group(&owner, "hidden", Some(top), "private");
    let project = make_project(&owner, "shared", Some(low), "private");
    make_project(&owner, "other", Some(low), "private");
    let user = |caller: &Caller| caller.get("/api/v4/user").send().status(200).id();
    let (owner_id, member_id) = (user(&owner), user(&member));
    member.get(format!("/api/v4/groups/{top}/members")).send().is(404, NO_GROUP);
    let draft = json!({ "user_id": member_id, "access_level": 30 }).to_string();
    owner.post(format!("/api/v4/projects/{project}/members")).json(&draft).send().status(201);
    for group in [top, low] {
        let target = format!("/api/v4/groups/{group}");
        member.get(&target).send().status(200);
        for members in ["members", "members/all", "members?per_page=0"] {
            member.get(format!("{target}/{members}")).send().is(403, FORBIDDEN);
        }
        for somebody in [owner_id, member_id, 99_999_999] {
            let target = format!("{target}/members/{somebody}");
            member.get(&target).send().is(403, FORBIDDEN);
            member.delete(&target).send().is(403, FORBIDDEN);
        }
        member.put(&target).json("{}").send().is(403, FORBIDDEN);
        let projects = ids(&member, &format!("{target}/projects?include_subgroups=true"));
        assert_eq!(projects, [json!(project)]);
    }
    assert_eq!(ids(&member, &format!("/api/v4/groups?search={name}")), [json!(top)]);
    assert_eq!(ids(&member, &format!("/api/v4/groups?search={name}&min_access_level=10")), [Value::Null; 0]);
    assert_eq!(ids(&member, &format!("/api/v4/groups/{top}/subgroups")), [json!(low)]);
    member.get(format!("/api/v4/groups/{hidden}")).send().is(404, NO_GROUP);
}
