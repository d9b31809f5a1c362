//! What describes a project or group: description, default branch, topics, full name, and when something last happened.

use serde_json::{Value, json};

use super::{group, make_group, make_project, project, username};
use crate::harness::{Api, Caller, Response};

fn create(caller: &Caller, draft: Value) -> Response {
    caller.post("/api/v4/projects").json(draft).send()
}

fn field(response: &Response, name: &str) -> Value {
    response.json()[name].clone()
}

#[test]
fn a_project_has_the_contracts_shape() {
    let api = Api::public();
    let owner = api.newcomer(0, "api");
    let name = username(&owner);
    let top = make_group(&owner, &format!("{name}-top"), None, "public");
    let sub = owner.post("/api/v4/groups").json(json!({ "name": "The sub", "path": "sub", "parent_id": top })).send();
    let sub = sub.status(201).id();
    let draft = json!({
        "name": "Hello", "namespace_id": sub, "description": "Says\nhello", "default_branch": "trunk",
        "topics": ["rust", " command line ", "", "rust"],
    });
    let made = create(&owner, draft).status(201);
    let (id, at) = (made.id(), made.json()["created_at"].clone());
    let path = format!("{name}-top/sub");
    let shape = format!(
        r#"{{"id":{id},"description":"Says\nhello","name":"Hello","name_with_namespace":"{name}-top / The sub / Hello","path":"Hello","path_with_namespace":"{path}/Hello","created_at":{at},"last_activity_at":{at},"default_branch":"trunk","topics":["rust","command line"],"visibility":"private","archived":false,"web_url":"https://gitlab.example.com/{path}/Hello","namespace":{{"id":{sub},"name":"The sub","path":"sub","kind":"group","full_path":"{path}","parent_id":{top},"web_url":"https://gitlab.example.com/{path}"}},"releases_access_level":"enabled","permissions":{{"project_access":null,"group_access":{{"access_level":50}}}},"import_status":"none"}}"#
    );
    made.is(201, &shape);
    owner.get(project(id)).send().is(200, &shape);
}

#[test]
fn a_project_has_no_description_and_no_topics_and_the_branch_main_unless_set() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let user = owner.get("/api/v4/user").send().json()["name"].as_str().unwrap().to_owned();
    let plain = owner.get(project(make_project(&owner, "plain", None, "private"))).send().json();
    assert_eq!((&plain["description"], &plain["default_branch"]), (&Value::Null, &json!("main")));
    assert_eq!((&plain["topics"], &plain["last_activity_at"]), (&json!([]), &plain["created_at"]));
    assert_eq!(plain["name_with_namespace"], json!(format!("{user} / plain")));
    let empty = json!({ "name": "empty", "description": "", "default_branch": null, "topics": [] });
    let empty = create(&owner, empty).status(201).json();
    assert_eq!((&empty["description"], &empty["default_branch"]), (&Value::Null, &json!("main")));
}

#[test]
fn an_update_sets_and_clears_what_describes_a_project() {
    let api = Api::private();
    let (target, maintainer) = (project(api.project), api.maintainer());
    let set = json!({ "description": "Says hello", "default_branch": "trunk", "topics": ["a", "b"] });
    let shown = |now: Response| {
        let now = now.status(200).json();
        json!([now["description"], now["default_branch"], now["topics"]])
    };
    let change = |body: Value| shown(maintainer.put(&target).json(body).send());
    assert_eq!(change(set), json!(["Says hello", "trunk", ["a", "b"]]));
    assert_eq!(change(json!({ "name": "Other" })), json!(["Says hello", "trunk", ["a", "b"]]));
    let nothing = json!({ "description": null, "default_branch": null, "topics": null });
    assert_eq!(change(nothing), json!([null, "trunk", ["a", "b"]]));
    assert_eq!(change(json!({ "description": "Back", "topics": "x, y,,x" })), json!(["Back", "trunk", ["x", "y"]]));
    assert_eq!(change(json!({ "description": "", "topics": [] })), json!([null, "trunk", []]));
    let form = |body: &str| shown(maintainer.put(&target).form(body).send());
    assert_eq!(form("topics[]=a&topics[]=b%2Cc&description=d"), json!(["d", "trunk", ["a", "b,c"]]));
    assert_eq!(form("topics="), json!(["d", "trunk", []]));
    assert_eq!(shown(maintainer.get(&target).send()), json!(["d", "trunk", []]));
    api.developer().put(&target).json(json!({ "description": "x" })).send().status(403);
}

#[test]
fn what_describes_a_project_has_limits_and_faults_name_the_field() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let (target, maintainer) = (project(api.project), api.maintainer());
    let numbered = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
    let longest = json!({
        "name": "x", "description": "é".repeat(2000), "default_branch": "é".repeat(255),
        "topics": numbered(19).into_iter().chain(["é".repeat(255)]).collect::<Vec<_>>(),
    });
    create(&owner, longest.clone()).status(201);
    maintainer.put(&target).json(longest).send().status(200);
    for (fields, sentence) in [
        (
            json!({
                "description": "x".repeat(2001), "default_branch": "x".repeat(256), "topics": ["x".repeat(256)],
            }),
            "description is too long (maximum is 2000 characters), default_branch is too long (maximum is 255 characters), \
             topics has an entry that is too long (maximum is 255 characters)",
        ),
        (
            json!({ "default_branch": "a\nb", "topics": ["a\u{7}b"] }),
            "default_branch may not hold control characters, topics has an entry that may not hold control characters",
        ),
        (
            json!({ "default_branch": " ", "topics": numbered(21) }),
            "default_branch is empty, topics has too many entries (maximum is 20)",
        ),
        (
            json!({ "description": ["x"], "default_branch": {}, "topics": { "a": "b" } }),
            "description is invalid, default_branch is invalid, topics is invalid",
        ),
        (json!({ "topics": [["a"]] }), "topics is invalid"),
    ] {
        maintainer.put(&target).json(&fields).send().is_error(sentence);
        let mut draft = fields;
        draft["name"] = json!("y");
        create(&owner, draft).is_error(sentence);
    }
}

#[test]
fn a_group_has_the_description_that_was_set_last_or_none() {
    let api = Api::private();
    let owner = api.newcomer(0, "api");
    let path = format!("{}-described", username(&owner));
    let draft = |description: Value| json!({ "name": "x", "path": path, "description": description });
    let create = |description: Value| owner.post("/api/v4/groups").json(draft(description)).send();
    create(json!("é".repeat(501))).is_error("description is too long (maximum is 500 characters)");
    let made = create(json!("All of\nit")).status(201);
    assert_eq!(field(&made, "description"), json!("All of\nit"));
    let change = |body: Value| owner.put(group(made.id())).json(body).send();
    change(json!({ "description": "é".repeat(501) })).is_error("description is too long (maximum is 500 characters)");
    let longest = json!("é".repeat(500));
    for (body, expected) in [
        (json!({ "name": "y" }), &json!("All of\nit")),
        (json!({ "description": longest }), &longest),
        (json!({ "description": "" }), &Value::Null),
        (json!({ "description": "Back" }), &json!("Back")),
        (json!({ "description": null }), &Value::Null),
    ] {
        assert_eq!(field(&change(body.clone()).status(200), "description"), *expected, "{body}");
        assert_eq!(field(&owner.get(group(made.id())).send(), "description"), *expected, "{body}");
    }
}

#[test]
fn the_last_activity_of_a_project_is_when_its_newest_release_was_made() {
    let api = Api::public();
    let last = || field(&api.guest().get(project(api.project)).send(), "last_activity_at");
    let made = |tag: &str| {
        let draft = json!({ "tag_name": tag, "ref": "main", "released_at": "2020-01-01T00:00:00Z" });
        field(&api.developer().post(api.releases()).json(draft).send().status(201), "created_at")
    };
    let first = last();
    let (second, third) = (made("v8"), made("v9"));
    assert_eq!(last(), third);
    api.developer().delete(format!("{}/v9", api.releases())).send().status(200);
    assert_eq!(last(), second);
    api.developer().delete(format!("{}/v8", api.releases())).send().status(200);
    assert_eq!(last(), first);
}

#[test]
fn the_branch_of_a_project_is_its_default_branch() {
    let api = Api::public();
    let branch = "release/größe";
    api.maintainer().put(project(api.project)).json(json!({ "default_branch": branch })).send().status(200);
    let branches = format!("{}/repository/branches", project(api.project));
    let list = api.anonymous().get(format!("{branches}?search=GR")).send().status(200).json();
    let page = format!("https://gitlab.example.com/{}/-/tree/release%2Fgr%C3%B6%C3%9Fe", api.path);
    assert_eq!((&list[0]["name"], &list[0]["web_url"]), (&json!(branch), &json!(page)));
    api.anonymous().get(format!("{branches}?search=main")).send().is(200, "[]");
}
