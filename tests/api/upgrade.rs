//! A database of an older version: it gets today's schema, and everything in it is served as before.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{Launch, Request, Response, Server};
use crate::links::shown;

/// What made it, and what stands in it, is told in the README beside it.
const OLDEST: &str = include_str!("fixtures/schema-1.sql");
const ROOT: &str = "glpat-root-of-the-oldest-database";
const ADA: &str = "glpat-yn_HGs63ley65uhk6NyTIxSJi3I0RX2y";
const REVOKED: &str = "glpat-axx8fllm8IWkDCAU-HVjKGv15pJ9m3MA";
const ROBOT: &str = "glpat-hpiIdV0Giy313zAxlEAybgzmeK5g3Yiv";
const JOB: &str = "glcbt-KuWTE_RwYThnxXSU4WRRf2HFG9hb-5o_";
/// The newest link that was made and deleted again.
const DELETED: u64 = 4;

fn oldest() -> Launch {
    let launch = Launch::new().arg("--external-url").arg("https://links.example.com");
    Connection::open(launch.database()).unwrap().execute_batch(OLDEST).unwrap();
    launch
}

/// The version of a schema, and all that it says.
fn schema(launch: &Launch) -> (i64, Vec<(String, Option<String>)>) {
    let conn = Connection::open(launch.database()).unwrap();
    let version = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut items = conn.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    let items = items.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    (version, items.collect::<Result<_, _>>().unwrap())
}

fn send(server: &Server, token: &str, method: &str, target: &str) -> Response {
    Request::new(server.address(), method, target).header("Authorization", format!("Bearer {token}")).send()
}

fn get(server: &Server, token: &str, target: &str) -> Value {
    send(server, token, "GET", target).status(200).json()
}

#[test]
fn a_database_of_the_first_schema_gets_the_one_that_new_databases_have() {
    let (old, new) = (oldest(), Launch::new());
    old.start().stop();
    new.start().stop();
    assert_eq!(schema(&old), schema(&new));
}

#[test]
fn releases_and_links_of_an_older_version_are_served_as_they_were() {
    let server = oldest().start();
    let releases = get(&server, ADA, "/api/v4/projects/acme%2Ftools%2Fhello/releases");
    let facts = |key: &str| releases.as_array().unwrap().iter().map(|release| release[key].clone()).collect::<Vec<_>>();
    assert_eq!(facts("tag_name"), ["group/v2", "v1.0.0"]);
    assert_eq!(facts("name"), ["group/v2", "The first"]);
    assert_eq!(facts("released_at"), ["2026-02-03T04:05:06.000Z", "2026-01-02T03:04:05.000Z"]);
    assert_eq!(facts("description"), [Value::Null, json!("Größe: ∞")]);
    assert_eq!(releases[1]["author"]["username"], "ada");
    let direct = "https://links.example.com/acme/tools/hello/-/releases/v1.0.0/downloads/bin/hello";
    let (sum, hello) = ("https://files.example.com/sum", "https://files.example.com/hello?a=1&b=2");
    let links = json!([
        shown(&json!(2), "Prüfsumme ✓", sum, sum, "other"),
        shown(&json!(1), "hello-linux-amd64", hello, direct, "package"),
    ]);
    assert_eq!(get(&server, ADA, "/api/v4/projects/1/releases/v1.0.0/assets/links"), links);
    assert_eq!(releases[1]["assets"]["links"], links);
}

#[test]
fn tags_of_an_older_version_are_listed_by_version() {
    let old = oldest();
    let conn = Connection::open(old.database()).unwrap();
    for name in ["v1.10.0", "v1.9.1", "nightly"] {
        conn.execute("INSERT INTO tags (project_id, name, created_at) VALUES (1, ?1, 0)", [name]).unwrap();
    }
    drop(conn);
    let server = old.start();
    let tags = get(&server, ADA, "/api/v4/projects/1/repository/tags?order_by=version");
    let names: Vec<_> = tags.as_array().unwrap().iter().map(|tag| tag["name"].clone()).collect();
    assert_eq!(names, ["v1.10.0", "v1.9.1", "v1.0.0", "group/v2", "nightly"]);
}

#[test]
fn the_highest_version_among_releases_of_an_older_version_is_found() {
    let server = oldest().start();
    let newest = send(&server, ADA, "GET", "/api/v4/projects/1/releases/permalink/1.x").status(302);
    assert_eq!(newest.header("x-release-tag"), Some("v1.0.0"));
}

#[test]
fn a_project_of_an_older_version_was_last_active_when_its_newest_release_was_made() {
    let server = oldest().start();
    let project = get(&server, ADA, "/api/v4/projects/1");
    let newest = &get(&server, ADA, "/api/v4/projects/1/releases/group%2Fv2")["created_at"];
    assert_eq!(&project["last_activity_at"], newest);
    assert_eq!((&project["description"], &project["default_branch"]), (&Value::Null, &json!("main")));
    assert_eq!((&project["topics"], &project["links_on_conflict"]), (&json!([]), &Value::Null));
    let made = Request::new(server.address(), "POST", "/api/v4/projects").header("PRIVATE-TOKEN", ADA);
    let made = made.json(json!({ "name": "empty" })).send().status(201).json();
    assert_eq!(made["last_activity_at"], made["created_at"]);
}

#[test]
fn links_of_an_older_version_that_are_larger_than_one_may_be_today_are_all_listed() {
    let old = oldest();
    let conn = Connection::open(old.database()).unwrap();
    let add = "INSERT INTO links (project_id, release_id, name, url, link_type) SELECT project_id, id, ?1, ?2, 'other'
        FROM releases WHERE project_id = 1 AND tag = 'v1.0.0'";
    for name in ["wide", "wider", "widest"] {
        conn.execute(add, [name, &format!("https://{name}.example.com/{}", "x".repeat(900_000))]).unwrap();
    }
    drop(conn);
    let server = old.start();
    let target = "/api/v4/projects/1/releases/v1.0.0/assets/links?per_page=4";
    let answer = send(&server, ADA, "GET", target).status(200);
    assert_eq!((answer.header("x-total"), answer.header("etag")), (Some("5"), None));
    let links = answer.json();
    let names: Vec<_> = links.as_array().unwrap().iter().map(|link| link["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["widest", "wider", "wide", "Prüfsumme ✓"]);
    assert_eq!(links[2]["url"].as_str().unwrap().len(), 900_000 + "https://wide.example.com/".len());
    assert_eq!(send(&server, ADA, "HEAD", target).status(200).header("x-total"), Some("5"));
    let second = send(&server, ADA, "GET", &target.replace("per_page=4", "per_page=1&page=2")).status(200);
    assert_eq!((second.header("x-prev-page"), second.header("x-next-page")), (Some("1"), Some("3")));
    assert_eq!(second.json(), json!([links[1]]));
}

#[test]
fn permanent_links_of_an_older_version_still_lead_to_their_targets() {
    let server = oldest().start();
    let leads = |path: &str| {
        let answer = send(&server, ADA, "GET", path).status(302);
        answer.header("location").map(str::to_owned).unwrap()
    };
    let hello = "https://files.example.com/hello?a=1&b=2";
    assert_eq!(leads("/acme/tools/hello/-/releases/v1.0.0/downloads/bin/hello"), hello);
    for name in ["first-name", "second-name"] {
        let path = format!("/root/{name}/-/releases/permalink/latest/downloads/bin/open");
        assert_eq!(leads(&path), "http://open.example.com/x", "{name}");
    }
}

#[test]
fn an_old_path_of_an_older_version_is_lost_to_a_new_project_for_good() {
    let server = oldest().start();
    let old = "/api/v4/projects/root%2Ffirst-name";
    assert_eq!(
        send(&server, ROOT, "GET", old).status(301).header("location"),
        Some("https://links.example.com/api/v4/projects/2")
    );
    let made = Request::new(server.address(), "POST", "/api/v4/projects").header("PRIVATE-TOKEN", ROOT);
    let taker = made.json(json!({ "name": "first-name" })).send().status(201).id();
    assert_eq!(get(&server, ROOT, old)["id"], taker);
    send(&server, ROOT, "DELETE", old).status(202);
    send(&server, ROOT, "GET", old).status(404);
    let other = "/api/v4/projects/root%2Fsecond-name";
    send(&server, ROOT, "GET", other).status(200);
}

#[test]
fn tokens_of_an_older_version_stay_as_valid_as_they_were() {
    let server = oldest().start();
    for (token, name, administrator) in [(ROOT, "root", true), (ADA, "ada", false)] {
        let user = get(&server, token, "/api/v4/user");
        assert_eq!((&user["username"], &user["is_admin"]), (&json!(name), &json!(administrator)));
    }
    let refusal = send(&server, REVOKED, "GET", "/api/v4/user").status(401);
    assert!(refusal.text.contains("Token was revoked"), "{refusal:?}");
    get(&server, ROBOT, "/api/v4/projects/1/releases/v1.0.0/assets/links");
    send(&server, ROBOT, "GET", "/api/v4/projects/2/protected_tags").status(403);
    get(&server, JOB, "/api/v4/projects/2/releases");
    send(&server, JOB, "GET", "/api/v4/projects/1/releases").status(404);
}

#[test]
fn rules_of_an_older_version_still_hold_and_no_id_is_given_out_again() {
    let server = oldest().start();
    let post = |target: &str, body: Value| {
        Request::new(server.address(), "POST", target).header("PRIVATE-TOKEN", ADA).json(body).send()
    };
    let links = "/api/v4/projects/1/releases/v1.0.0/assets/links";
    post(links, json!({ "name": "hello-linux-amd64", "url": "http://x" })).is_invalid(&["Name has already been taken"]);
    let made = post(links, json!({ "name": "next", "url": "http://next" })).status(201);
    assert_eq!(made.id(), DELETED + 1);
    post("/api/v4/projects/1/releases", json!({ "tag_name": "stable-1" })).status(403);
    send(&server, ADA, "DELETE", "/api/v4/projects/1").status(403);
}
