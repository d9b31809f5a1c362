//! Projects: listed, changed, archived, transferred, deleted.

use serde_json::{Value, json};

use super::{
    ACCEPTED, FORBIDDEN, INSUFFICIENT_SCOPE, NO_NAMESPACE, NO_PROJECT, TAKEN, UNAUTHORIZED, column, group_of,
    make_group, make_project, project, username,
};
use crate::harness::{Api, Caller};

#[test]
fn projects_are_listed_to_whoever_may_see_them() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let top = make_group(&owner, &format!("{base}-top"), None, "public");
    let private = make_project(&owner, &format!("{base}-1"), Some(top), "private");
    let internal = make_project(&owner, &format!("{base}-2"), Some(top), "internal");
    let public = make_project(&owner, &format!("{base}-3"), Some(top), "public");
    let own = make_project(&owner, &format!("{base}-4"), None, "private");
    let list = format!("/api/v4/projects?search={}", base.to_uppercase());
    let ids = |caller: &Caller, more: &str| column(caller, &format!("{list}{more}"), "id");
    assert_eq!(ids(&owner, ""), [own, public, internal, private].map(Value::from));
    assert_eq!(ids(&api.admin(), ""), [own, public, internal, private].map(Value::from));
    assert_eq!(ids(&api.stranger(), ""), [public, internal].map(Value::from));
    assert_eq!(ids(&api.anonymous(), ""), [public].map(Value::from));
    let nothing: [Value; 0] = [];
    for (who, filter, expected) in [
        (&owner, "&owned=true", [own, public, internal, private].map(Value::from).to_vec()),
        (&owner, "&membership=true&visibility=private", [own, private].map(Value::from).to_vec()),
        (&owner, "&visibility=internal&simple=x", [internal].map(Value::from).to_vec()),
        (&owner, "&archived=true", nothing.to_vec()),
        (&owner, "&archived=false&per_page=1&page=2", [public].map(Value::from).to_vec()),
        (&api.stranger(), "&membership=true", nothing.to_vec()),
        (&api.anonymous(), "&membership=true", nothing.to_vec()),
        (&api.anonymous(), "&owned=true", nothing.to_vec()),
        (&api.admin(), "&owned=true", nothing.to_vec()),
    ] {
        assert_eq!(ids(who, filter), expected, "{filter}");
    }
    let page = owner.get(format!("{list}&per_page=3")).send().status(200);
    assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("4"), Some("2")));
    let faulty = owner.get("/api/v4/projects?visibility=secret&archived=x&per_page=0").send();
    faulty.is_error(
        "visibility does not have a valid value, allowed are private, internal, public, archived is invalid, \
         per_page has a value not allowed",
    );
    api.newcomer(0, "read_user").get("/api/v4/projects?visibility=secret").send().is(403, INSUFFICIENT_SCOPE);
    api.newcomer(0, "read_api").get("/api/v4/projects").send().status(200);
}

#[test]
fn a_listed_project_is_the_one_that_get_answers_permissions_included() {
    let api = Api::private();
    let name = group_of(&api);
    for caller in [api.guest(), api.owner(), api.admin()] {
        let list =
            caller.get("/api/v4/projects?search=hello&per_page=100&visibility=private").send().status(200).json();
        let alone = caller.get(project(api.project)).send().status(200).json();
        assert!(list.as_array().unwrap().contains(&alone), "{list}");
    }
    let level = |caller: &Caller| caller.get(project(api.project)).send().json()["permissions"].clone();
    assert_eq!(level(&api.developer()), json!({ "project_access": { "access_level": 30 }, "group_access": null }));
    let owner = api.newcomer(0, "api");
    let id = make_project(&owner, &format!("{name}-own"), None, "private");
    let held = json!({ "project_access": { "access_level": 50 }, "group_access": null });
    assert_eq!(column(&owner, "/api/v4/projects?owned=1", "permissions"), [held]);
    let top = make_group(&owner, &format!("{name}-of-somebody"), None, "private");
    let moved = owner.put(project(id) + "/transfer").json(json!({ "namespace": top })).send().status(200).json();
    assert_eq!(moved["permissions"], json!({ "project_access": null, "group_access": { "access_level": 50 } }));
}

#[test]
fn settings_take_a_maintainer_and_the_rest_an_owner() {
    let api = Api::public();
    let target = project(api.project);
    let settings = json!({ "name": "Renamed", "releases_access_level": "private" });
    let requests = |caller: &Caller| {
        [
            caller.put(&target).json(&settings),
            caller.post(format!("{target}/archive")),
            caller.post(format!("{target}/unarchive")),
            caller.put(format!("{target}/transfer")).json(json!({ "namespace": "no/such" })),
        ]
    };
    for request in requests(&api.anonymous()) {
        request.send().is(401, UNAUTHORIZED);
    }
    for request in requests(&api.newcomer(50, "read_api")) {
        request.send().is(403, INSUFFICIENT_SCOPE);
    }
    for caller in [api.stranger(), api.guest(), api.reporter(), api.developer()] {
        for request in requests(&caller) {
            request.send().is(403, FORBIDDEN);
        }
        caller.put(&target).json(json!({ "visibility": "secret" })).send().is(403, FORBIDDEN);
        caller.delete(&target).send().is(403, FORBIDDEN);
    }
    let maintainer = api.maintainer();
    assert_eq!(requests(&maintainer).map(|request| request.send().status), [200, 403, 403, 403]);
    maintainer.delete(&target).send().is(403, FORBIDDEN);
    assert_eq!(requests(&api.owner()).map(|request| request.send().status), [200, 201, 201, 404]);
    let changed = api.admin().get(&target).send().status(200).json();
    assert_eq!((&changed["name"], &changed["releases_access_level"]), (&json!("Renamed"), &json!("private")));
    assert_eq!(changed["path"], json!("hello"));
    api.stranger().get(api.links()).send().is(403, FORBIDDEN);
    let faulty = json!({ "name": "", "path": "api", "visibility": "x", "releases_access_level": "public" });
    maintainer.put(&target).json(faulty).send().is_error(
        "name is empty, path is a reserved name, visibility does not have a valid value, allowed are private, internal, \
         public, releases_access_level does not have a valid value, allowed are enabled, private, disabled",
    );
    maintainer.put(&target).json(json!({ "ci_config_path": "kept nowhere" })).send().status(200);
    api.owner().delete(&target).send().is(202, ACCEPTED);
    api.admin().get(&target).send().is(404, NO_PROJECT);
    api.admin().delete(&target).send().is(404, NO_PROJECT);
}

#[test]
fn a_hidden_project_is_absent_to_every_write() {
    let api = Api::private();
    for caller in [api.stranger(), api.newcomer(0, "read_api")] {
        for id in [api.project, 99_999_999] {
            let target = project(id);
            caller.put(&target).json(json!({ "visibility": "secret" })).send().is(404, NO_PROJECT);
            caller.delete(&target).send().is(404, NO_PROJECT);
            caller.post(format!("{target}/archive")).send().is(404, NO_PROJECT);
            caller.put(format!("{target}/transfer")).send().is(404, NO_PROJECT);
        }
    }
}

#[test]
fn an_archived_project_takes_no_release_until_it_is_opened_again() {
    let api = Api::public();
    let link = api.add("a", "http://a");
    let archive = |verb: &str| api.owner().post(format!("{}/{verb}", project(api.project))).send().status(201).json();
    for _ in 0..2 {
        assert_eq!(archive("archive")["archived"], json!(true));
    }
    for caller in [api.owner(), api.admin()] {
        caller.delete(api.link(link)).send().is(403, FORBIDDEN);
        caller.post(api.releases()).json(json!({ "tag_name": "v9" })).send().is(403, FORBIDDEN);
    }
    api.anonymous().get(api.link(link)).send().status(200);
    assert_eq!(column(&api.owner(), "/api/v4/projects?membership=true&archived=true", "id"), [json!(api.project)]);
    api.maintainer().put(project(api.project)).json(json!({ "name": "settings stay open" })).send().status(200);
    assert_eq!(archive("unarchive")["archived"], json!(false));
    api.developer().delete(api.link(link)).send().status(200);
}

#[test]
fn a_transfer_takes_an_owner_here_and_a_developer_there() {
    let api = Api::public();
    let target = project(api.project) + "/transfer";
    let owner = api.owner();
    let base = username(&owner);
    let to = |caller: &Caller, namespace: Value| caller.put(&target).json(json!({ "namespace": namespace })).send();
    owner.put(&target).send().is_error("namespace is missing");
    owner.put(&target).json(json!({ "namespace": "" })).send().is_error("namespace is empty");
    let stranger = api.stranger();
    let hidden = make_group(&stranger, &format!("{base}-hidden"), None, "private");
    let seen = make_group(&stranger, &format!("{base}-seen"), None, "public");
    for nowhere in [json!(hidden), json!(99_999_999), json!("no/such"), json!("a b"), json!(username(&stranger))] {
        to(&owner, nowhere).is(404, NO_NAMESPACE);
    }
    to(&owner, json!(seen)).is(403, FORBIDDEN);
    let group = make_group(&owner, &format!("{base}-mine"), None, "public");
    let sub = make_group(&owner, "sub", Some(group), "public");
    to(&api.maintainer(), json!(group)).is(403, FORBIDDEN);
    let moved = to(&owner, json!(format!("{base}-MINE/Sub"))).status(200).json();
    assert_eq!(moved["path_with_namespace"], json!(format!("{base}-mine/sub/hello")));
    assert_eq!(moved["namespace"]["id"], json!(sub));
    let already = r#"{"message":"Failed to transfer project [\"Project is already in this namespace.\"]"}"#;
    to(&owner, json!(sub)).is(400, already);
    make_project(&owner, "HELLO", Some(group), "private");
    to(&owner, json!(group.to_string())).is(400, TAKEN);
    let home = to(&owner, json!(base)).status(200).json();
    assert_eq!(home["path_with_namespace"], json!(format!("{base}/hello")));
    assert_eq!(home["namespace"]["kind"], json!("user"));
}

#[test]
fn a_project_is_made_with_the_access_to_its_releases_that_was_asked_for() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let draft = json!({ "name": "My project", "visibility": "public", "releases_access_level": "disabled" });
    let made = owner.post("/api/v4/projects").json(draft).send().status(201).json();
    assert_eq!((&made["path"], &made["releases_access_level"]), (&json!("My-project"), &json!("disabled")));
    owner.get(format!("/api/v4/projects/{}/releases", made["id"])).send().is(403, FORBIDDEN);
    let faulty = json!({ "name": "x", "releases_access_level": "x" });
    owner.post("/api/v4/projects").json(faulty).send().status(400);
}

#[test]
fn every_filter_and_order_of_projects_counts() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let [b, a, c] = ["b", "A", "c"].map(|last| make_project(&owner, &format!("{base}-{last}"), None, "public"));
    let list = |caller: &Caller, more: &str| column(caller, &format!("/api/v4/projects?search={base}-&{more}"), "id");
    for (more, expected) in [
        ("", vec![c, a, b]),
        ("order_by=created_at&sort=desc", vec![c, a, b]),
        ("order_by=created_at&sort=asc", vec![b, a, c]),
        ("order_by=id", vec![c, a, b]),
        ("order_by=name&sort=asc", vec![a, b, c]),
        ("order_by=path", vec![c, b, a]),
        ("min_access_level=50&order_by=path&sort=asc", vec![a, b, c]),
        (&format!("id_after={b}"), vec![c, a]),
        (&format!("id_before={a}&id_after=0"), vec![b]),
        ("id_after=&id_before=", vec![c, a, b]),
        ("id_before=-7", vec![]),
        ("id_after=99999999999999999999", vec![]),
    ] {
        assert_eq!(list(&owner, more), expected.iter().map(|&id| Value::from(id)).collect::<Vec<_>>(), "{more}");
    }
    assert_eq!(list(&api.stranger(), "min_access_level=10"), [] as [Value; 0]);
    assert_eq!(list(&api.anonymous(), "min_access_level=10&order_by=name"), [] as [Value; 0]);
    for (query, fault) in [
        ("id_after=x&id_before[]=1", "id_after is invalid, id_before is invalid"),
        ("order_by=star_count&sort=ASC", "order_by does not have a valid value, sort does not have a valid value"),
    ] {
        owner.get(format!("/api/v4/projects?{query}")).send().is_error(fault);
    }
    owner.get("/api/v4/projects?min_access_level=7").send().status(400);
}

#[test]
fn projects_are_found_by_topic_and_by_last_activity_and_sorted_by_it() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let [a, b] = [("a", json!(["rust", "cli"])), ("b", json!(["rust"]))].map(|(last, topics)| {
        let draft = json!({ "name": format!("{base}-{last}"), "topics": topics });
        owner.post("/api/v4/projects").json(draft).send().status(201).id()
    });
    let list = |more: &str| column(&owner, &format!("/api/v4/projects?search={base}-&{more}"), "id");
    for (more, expected) in [
        ("topic=rust", vec![b, a]),
        ("topic=rust,%20cli", vec![a]),
        ("topic=", vec![b, a]),
        ("topic=none", vec![]),
        ("last_activity_after=2000-01-01&last_activity_before=2999-01-01", vec![b, a]),
        ("last_activity_after=2999-01-01", vec![]),
        ("last_activity_before=2000-01-01", vec![]),
        ("order_by=last_activity_at", vec![b, a]),
        ("order_by=updated_at&sort=asc", vec![a, b]),
    ] {
        assert_eq!(list(more), expected.iter().map(|&id| Value::from(id)).collect::<Vec<_>>(), "{more}");
    }
    let faults = "last_activity_after is invalid, last_activity_before is invalid";
    owner.get("/api/v4/projects?last_activity_after=x&last_activity_before=soon").send().is_error(faults);
}
