//! Groups: found, listed, changed, deleted.

use serde_json::{Value, json};

use super::{
    ACCEPTED, FORBIDDEN, INSUFFICIENT_SCOPE, NO_GROUP, NO_NAMESPACE, NO_PROJECT, UNAUTHORIZED, column, group, group_of,
    make_group, make_project, project, username,
};
use crate::harness::{Api, Caller, encoded};

#[test]
fn a_group_has_the_contracts_shape_by_id_and_by_path_in_any_case() {
    let api = Api::public();
    let top = group_of(&api);
    let found = api.anonymous().get(format!("/api/v4/groups/{top}")).send().status(200);
    let id = found.id();
    let sub = make_group(&api.admin(), "Sub", Some(id), "public");
    let shape = format!(
        r#"{{"id":{sub},"name":"Sub","path":"Sub","description":null,"full_path":"{top}/Sub","full_name":"{top} / Sub","parent_id":{id},"visibility":"public","web_url":"https://gitlab.example.com/{top}/Sub"}}"#
    );
    let by_path = format!("/api/v4/groups/{}", encoded(&format!("{top}/sub")).to_lowercase());
    for target in [group(sub), by_path] {
        api.anonymous().get(&target).send().is(200, &shape);
        api.stranger().request("HEAD", target).send().status(200);
    }
    assert_eq!(found.json()["parent_id"], Value::Null);
}

#[test]
fn a_hidden_group_answers_as_one_that_does_not_exist() {
    let api = Api::private();
    let hidden = format!("/api/v4/groups/{}", group_of(&api));
    for caller in [api.anonymous(), api.stranger()] {
        for target in [hidden.as_str(), "/api/v4/groups/99999999", "/api/v4/groups/no%2Fsuch", "/api/v4/groups/a%20b"] {
            caller.get(target).send().is(404, NO_GROUP);
        }
    }
    for target in [hidden.as_str(), "/api/v4/groups/99999999"] {
        for method in ["PUT", "DELETE"] {
            api.anonymous().request(method, target).send().is(401, UNAUTHORIZED);
            api.stranger().request(method, target).send().is(404, NO_GROUP);
            api.newcomer(0, "read_api").request(method, target).send().is(404, NO_GROUP);
        }
    }
    api.admin().get(hidden).send().status(200);
}

#[test]
fn the_namespace_of_a_user_is_not_a_group() {
    let api = Api::private();
    let stranger = api.stranger();
    let name = username(&stranger);
    let made = make_project(&stranger, "own", None, "private");
    let namespace = stranger.get(project(made)).send().status(200).json()["namespace"].clone();
    assert_eq!(
        (&namespace["kind"], &namespace["path"], &namespace["parent_id"]),
        (&json!("user"), &json!(name), &Value::Null)
    );
    let id = namespace["id"].as_u64().unwrap();
    for target in [group(id), format!("/api/v4/groups/{name}")] {
        for caller in [api.admin(), api.stranger()] {
            for method in ["GET", "PUT", "DELETE"] {
                caller.request(method, &target).send().is(404, NO_GROUP);
            }
        }
    }
    assert_eq!(column(&stranger, &format!("/api/v4/groups?search={name}"), "id"), [] as [Value; 0]);
    let below = json!({ "name": "a", "path": "a", "parent_id": id });
    stranger.post("/api/v4/groups").json(below).send().is(404, NO_GROUP);
    let elsewhere = json!({ "name": "a", "namespace_id": id });
    api.developer().post("/api/v4/projects").json(elsewhere).send().is(404, NO_NAMESPACE);
    make_project(&stranger, "again", Some(id), "private");
}

#[test]
fn groups_nest_twenty_one_levels_deep() {
    let api = Api::private();
    let mut parent = api.admin().get(format!("/api/v4/groups/{}", group_of(&api))).send().status(200).id();
    for _ in 0..20 {
        parent = make_group(&api.admin(), "a", Some(parent), "private");
    }
    let draft = json!({ "name": "a", "path": "a", "parent_id": parent });
    api.admin().post("/api/v4/groups").json(draft).send().is_error("parent_id has too deep level of nesting");
}

#[test]
fn groups_are_listed_to_whoever_may_see_them() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let named = |suffix: &str| format!("{base}-{suffix}");
    let private = make_group(&owner, &named("z-private"), None, "private");
    let internal = make_group(&owner, &named("Internal"), None, "internal");
    let public = make_group(&owner, &named("public"), None, "public");
    let below = make_group(&owner, &named("a-below"), Some(public), "public");
    let list = format!("/api/v4/groups?search={}", base.to_uppercase());
    let ids = |caller: &Caller, more: &str| column(caller, &format!("{list}{more}"), "id");
    assert_eq!(ids(&owner, ""), [below, internal, public, private].map(Value::from));
    assert_eq!(ids(&api.admin(), ""), [below, internal, public, private].map(Value::from));
    assert_eq!(ids(&api.stranger(), ""), [below, internal, public].map(Value::from));
    assert_eq!(ids(&api.anonymous(), ""), [below, public].map(Value::from));
    assert_eq!(ids(&owner, "&top_level_only=true"), [internal, public, private].map(Value::from));
    assert_eq!(ids(&owner, "&top_level_only=false&unknown=x&per_page=2&page=2"), [public, private].map(Value::from));
    let page = owner.get(format!("{list}&per_page=3")).send().status(200);
    assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("4"), Some("2")));
    owner.get("/api/v4/groups?top_level_only=x&page=y").send().is_error("top_level_only is invalid, page is invalid");
    let mut row = owner.get(format!("{list}&per_page=1")).send().status(200).text;
    assert_eq!((row.remove(0), row.pop()), ('[', Some(']')));
    owner.get(group(below)).send().is(200, &row);
}

#[test]
fn an_owner_changes_a_group_and_others_do_not() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let path = username(&owner) + "-group";
    let id = make_group(&owner, &path, None, "public");
    let change = json!({ "name": "Renamed", "path": format!("{path}2"), "visibility": "internal" });
    api.anonymous().put(group(id)).json(&change).send().is(401, UNAUTHORIZED);
    for faulty in [change.clone(), json!({ "visibility": "secret" })] {
        api.stranger().put(group(id)).json(&faulty).send().is(403, FORBIDDEN);
    }
    api.newcomer(0, "read_api").put(group(id)).json(&change).send().is(403, INSUFFICIENT_SCOPE);
    let changed = owner.put(group(id)).json(&change).send().status(200).json();
    assert_eq!(changed["full_path"], json!(format!("{path}2")));
    assert_eq!((&changed["name"], &changed["visibility"]), (&json!("Renamed"), &json!("internal")));
    api.anonymous().get(group(id)).send().is(404, NO_GROUP);
    let same = owner.put(group(id)).json(json!({ "name": null })).send().status(200).json();
    assert_eq!(same, changed);
    let faulty = json!({ "name": " ", "path": "a b", "visibility": "secret" });
    let answer = owner.put(group(id)).json(faulty).send().status(400).json();
    let said = answer["error"].as_str().unwrap();
    assert!(said.starts_with("name is empty, path can contain only letters"), "{said}");
    assert!(said.ends_with("visibility does not have a valid value, allowed are private, internal, public"), "{said}");
    for reserved in ["api", "-", "Metrics"] {
        owner.put(group(id)).json(json!({ "path": reserved })).send().is_error("path is a reserved name");
    }
    let long = json!({ "name": "é".repeat(256) });
    owner.put(group(id)).json(long).send().is_error("name is too long (maximum is 255 characters)");
    owner.put(group(id)).json(json!({ "name": "é".repeat(255) })).send().status(200);
}

#[test]
fn a_deleted_group_takes_everything_below_along() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let top = username(&owner) + "-group";
    let id = make_group(&owner, &top, None, "public");
    let sub = make_group(&owner, "sub", Some(id), "public");
    let made = make_project(&owner, "p", Some(sub), "public");
    let release = json!({ "tag_name": "v1", "assets": { "links": [{ "name": "a", "url": "http://a" }] } });
    owner.post(format!("{}/releases", project(made))).json(release).send().status(201);
    owner.put(project(made)).json(json!({ "path": "q" })).send().status(200);
    api.stranger().delete(group(id)).send().is(403, FORBIDDEN);
    owner.delete(group(id)).body("{}").header("Content-Type", "application/json").send().is(202, ACCEPTED);
    for target in [group(id), group(sub), format!("/api/v4/groups/{top}%2Fsub")] {
        api.admin().get(target).send().is(404, NO_GROUP);
    }
    let (path, old) = (format!("{top}/sub/q"), format!("{top}/sub/p"));
    for named in [made.to_string(), encoded(&path), encoded(&old)] {
        api.admin().get(format!("/api/v4/projects/{named}/releases/v1")).send().is(404, NO_PROJECT);
    }
    api.admin().delete(group(id)).send().is(404, NO_GROUP);
    make_group(&owner, &top, None, "public");
}

#[test]
fn every_filter_and_order_of_groups_counts() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let b = make_group(&owner, &format!("{base}-b"), None, "private");
    let a = make_group(&owner, &format!("{base}-A"), None, "public");
    let sub = make_group(&owner, &format!("{base}-sub"), Some(a), "internal");
    let other = make_group(&api.admin(), &format!("{base}-other"), None, "public");
    let hidden = make_group(&api.admin(), &format!("{base}-hidden"), None, "private");
    let list = |caller: &Caller, more: &str| column(caller, &format!("/api/v4/groups?search={base}-{more}"), "id");
    for (more, expected) in [
        ("", vec![a, b, other, sub]),
        ("&all_available=true&owned=false", vec![a, b, other, sub]),
        ("&all_available=false", vec![a, b, sub]),
        ("&owned=true", vec![a, b, sub]),
        ("&min_access_level=10&top_level_only=true", vec![a, b]),
        ("&visibility=public", vec![a, other]),
        ("&visibility=private", vec![b]),
        (&format!("&skip_groups[]={a}&skip_groups[]={hidden}"), vec![b, other, sub]),
        (&format!("&skip_groups={a},{sub}"), vec![b, other]),
        ("&sort=desc", vec![sub, other, b, a]),
        ("&order_by=path", vec![a, b, other, sub]),
        ("&order_by=id", vec![b, a, sub, other]),
        ("&order_by=id&sort=desc&owned=1", vec![sub, a, b]),
    ] {
        assert_eq!(list(&owner, more), expected.iter().map(|&id| Value::from(id)).collect::<Vec<_>>(), "{more}");
    }
    for more in ["&owned=true", "&min_access_level=10", "&all_available=false"] {
        assert_eq!(list(&api.anonymous(), more), [] as [Value; 0], "{more}");
        assert_eq!(list(&api.stranger(), more), [] as [Value; 0], "{more}");
    }
    assert_eq!(list(&api.anonymous(), ""), [a, other].map(Value::from));
    for (query, fault) in [
        ("owned=x", "owned is invalid"),
        ("skip_groups[]=x&order_by=similarity", "skip_groups is invalid, order_by does not have a valid value"),
        ("sort=up", "sort does not have a valid value"),
    ] {
        owner.get(format!("/api/v4/groups?{query}")).send().is_error(fault);
    }
}
