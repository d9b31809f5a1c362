//! Contract section 9: groups and projects, who may change them, and which paths are free.

use serde_json::{Value, json};

use crate::harness::{Api, Caller, encoded};

const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const FORBIDDEN: &str = r#"{"message":"403 Forbidden"}"#;
const NO_GROUP: &str = r#"{"message":"404 Group Not Found"}"#;
const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;
const NO_NAMESPACE: &str = r#"{"message":"404 Namespace Not Found"}"#;
const TAKEN: &str = r#"{"message":{"path":["has already been taken"]}}"#;
const ACCEPTED: &str = r#"{"message":"202 Accepted"}"#;
const INSUFFICIENT_SCOPE: &str = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}"#;

/// The name of the group that the project stands in: no other test has it.
fn group_of(api: &Api) -> String {
    api.path.split('/').next().unwrap().to_owned()
}

#[track_caller]
fn make_group(caller: &Caller, path: &str, parent: Option<u64>, visibility: &str) -> u64 {
    let draft = json!({ "name": path, "path": path, "parent_id": parent, "visibility": visibility });
    caller.post("/api/v4/groups").json(draft).send().status(201).id()
}

#[track_caller]
fn make_project(caller: &Caller, path: &str, namespace: Option<u64>, visibility: &str) -> u64 {
    let draft = json!({ "path": path, "namespace_id": namespace, "visibility": visibility });
    caller.post("/api/v4/projects").json(draft).send().status(201).id()
}

fn group(id: u64) -> String {
    format!("/api/v4/groups/{id}")
}

fn project(id: u64) -> String {
    format!("/api/v4/projects/{id}")
}

#[track_caller]
fn username(caller: &Caller) -> String {
    caller.get("/api/v4/user").send().status(200).json()["username"].as_str().unwrap().to_owned()
}

/// One field of every object that a list holds.
#[track_caller]
fn column(caller: &Caller, target: &str, field: &str) -> Vec<Value> {
    let list = caller.get(target).send().status(200).json();
    list.as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}

#[test]
fn a_group_has_the_contracts_shape_by_id_and_by_path_in_any_case() {
    let api = Api::public();
    let top = group_of(&api);
    let found = api.anonymous().get(format!("/api/v4/groups/{top}")).send().status(200);
    let id = found.id();
    let sub = make_group(&api.admin(), "Sub", Some(id), "public");
    let shape = format!(
        r#"{{"id":{sub},"name":"Sub","path":"Sub","full_path":"{top}/Sub","full_name":"{top} / Sub","parent_id":{id},"visibility":"public","web_url":"https://gitlab.example.com/{top}/Sub"}}"#
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
fn the_namespace_of_a_user_is_no_group() {
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
    let below = make_group(&owner, &named("a-below"), Some(private), "public");
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
fn projects_are_listed_to_whoever_may_see_them() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let base = username(&owner);
    let top = make_group(&owner, &format!("{base}-top"), None, "private");
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
    let keys: Vec<_> =
        api.guest().get(project(api.project)).send().json().as_object().unwrap().keys().cloned().collect();
    let mut expected = [
        "id",
        "name",
        "path",
        "path_with_namespace",
        "visibility",
        "archived",
        "web_url",
        "default_branch",
        "namespace",
        "releases_access_level",
        "permissions",
        "import_status",
        "created_at",
    ];
    expected.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    assert_eq!(keys, expected);
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
    maintainer.put(&target).json(json!({ "description": "kept nowhere" })).send().status(200);
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
    let group = make_group(&owner, &format!("{base}-mine"), None, "private");
    let sub = make_group(&owner, "sub", Some(group), "private");
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
fn users_groups_and_projects_share_their_paths_in_any_case() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let name = username(&owner);
    let top = make_group(&owner, &format!("{name}-top"), None, "private");
    make_group(&owner, "Sub", Some(top), "private");
    let first = make_project(&owner, "Hello", Some(top), "private");
    let other = make_group(&owner, &format!("{name}-other"), None, "private");
    let second = make_project(&owner, "second", Some(top), "private");
    let group_draft = |path: &str, parent: Option<u64>| json!({ "name": "x", "path": path, "parent_id": parent });
    for (path, parent) in [
        (name.to_uppercase(), None),
        (format!("{name}-TOP"), None),
        ("sub".into(), Some(top)),
        ("HELLO".into(), Some(top)),
    ] {
        owner.post("/api/v4/groups").json(group_draft(&path, parent)).send().is(400, TAKEN);
    }
    for path in ["SUB", "hello"] {
        let draft = json!({ "name": path, "namespace_id": top });
        owner.post("/api/v4/projects").json(draft).send().is(400, TAKEN);
        owner.put(project(second)).json(json!({ "path": path })).send().is(400, TAKEN);
    }
    for path in [&name, &format!("{name}-Top")] {
        owner.put(group(other)).json(json!({ "path": path.to_uppercase() })).send().is(400, TAKEN);
    }
    let user = json!({ "username": format!("{name}-TOP"), "name": "x", "email": format!("{name}-x@example.com") });
    let taken = r#"{"message":"Username has already been taken"}"#;
    api.admin().post("/api/v4/users").json(user).send().is(409, taken);
    let renamed = owner.put(project(first)).json(json!({ "path": "HELLO" })).send().status(200).json();
    assert_eq!(renamed["path_with_namespace"], json!(format!("{name}-top/HELLO")));
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
