//! Data that something else has damaged: reported in the log but not to the client, while everything intact is served.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use crate::harness::{Api, Launch, Request, Response, Visibility};

const CONSTANT: &str = r#"{"message":"500 Internal Server Error"}"#;

/// Overwrites the first page of a table, and makes whoever has pages of the database in memory read them again.
fn damage(database: &Path, table: &str) {
    let conn = Connection::open(database).unwrap();
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(number("PRAGMA wal_checkpoint(TRUNCATE)"), 0, "pages are still in the log");
    let root = number(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
    let size = number("PRAGMA page_size");
    let mut file = File::options().write(true).open(database).unwrap();
    file.seek(SeekFrom::Start(u64::from((root - 1) * size))).unwrap();
    file.write_all(&vec![0xff; usize::try_from(size).unwrap()]).unwrap();
    conn.execute("UPDATE namespaces SET name = name || '.'", []).unwrap();
}

#[test]
fn a_corrupted_row_is_logged_by_table_and_row_and_the_others_are_served() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let (corrupted, whole) = (api.add("a", "http://a"), api.add("b", "http://b"));
    let other = Connection::open(launch.database()).unwrap();
    other
        .execute(
            "UPDATE links SET url = 'file:///etc/passwd', path = '/bin/a1' WHERE id = ?1",
            [corrupted.cast_signed()],
        )
        .unwrap();

    let root = api.admin();
    let answers: Vec<Response> = [
        root.get(api.link(corrupted)),
        root.get(api.links()),
        root.delete(api.link(corrupted)),
        root.get(format!("/{}/-/releases/v1.7.0/downloads/bin/a1", api.path)),
    ]
    .map(Request::send)
    .into();
    root.get(api.link(whole)).send().status(200);
    root.put(api.link(whole)).form("name=c&url=http://c").send().status(200);
    api.add("d", "http://d");
    root.get("/-/readiness").send().status(200);
    server.stop();

    let log = server.stderr();
    for answer in &answers {
        answer.is(500, CONSTANT);
        let id = answer.header("x-request-id").unwrap();
        let cause = format!("corrupt value in links.url, row {corrupted}");
        assert!(log.lines().any(|line| line.contains(id) && line.contains(&cause)), "{id} is not told in {log}");
    }
}

#[test]
fn a_damaged_page_is_an_error_of_those_who_need_it() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let link = api.add("a", "http://a");
    damage(&launch.database(), "links");

    let send = |method: &str, target: String| {
        let request = Request::new(server.address(), method, target);
        request.header("PRIVATE-TOKEN", crate::harness::ROOT_TOKEN).form("name=b&url=http://b").send()
    };
    for (method, target) in [("GET", api.link(link)), ("GET", api.links()), ("POST", api.links())] {
        send(method, target).is(500, CONSTANT);
    }
    send("GET", format!("/api/v4/projects/{}", api.project)).status(200);
    send("GET", "/-/readiness".to_owned()).status(200);
    send("POST", format!("/api/v4/projects/{}/protected_tags", api.project)).status(201);
    server.stop();
    let log = server.stderr();
    assert!(log.contains("malformed") && !log.contains("panicked"), "{log}");
}

#[test]
fn storage_that_cannot_be_used_is_told_by_readiness_and_not_by_liveness() {
    let launch = Launch::new();
    let server = launch.start();
    damage(&launch.database(), "users");
    let get = |target| Request::new(server.address(), "GET", target).send();
    let answer = get("/-/readiness");
    answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
    assert_eq!(answer.header("retry-after"), Some("1"));
    get("/-/liveness").status(200);
    get("/-/health").status(200);
}

#[test]
fn a_damaged_database_is_refused_at_the_start_with_a_message() {
    let launch = Launch::new();
    launch.start().stop();
    damage(&launch.database(), "users");
    let ended = launch.run();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("malformed") && !ended.stderr.contains("panicked"), "{ended:?}");
}
