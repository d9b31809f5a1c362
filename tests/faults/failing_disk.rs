//! A disk that fails: what cannot be read or synced is 503, nothing half done remains, and all is well once the disk works.

use std::sync::Arc;
use std::time::Instant;

use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Api, Caller, Launch, PATIENCE, ROOT_TOKEN, Request, Response, Server, Visibility};
use crate::looking::complaints;
use crate::meddling::Meddling;

/// More commits than fit into the log before it is written back for the first time.
const MORE_THAN_A_LOG: usize = 400;

fn log(launch: &Launch) -> String {
    format!("{}-wal", launch.database().display())
}

#[track_caller]
fn says_later(answer: &Response) {
    answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

fn get(server: &Server, target: &str) -> Response {
    Request::new(server.address(), "GET", target).header("PRIVATE-TOKEN", ROOT_TOKEN).send()
}

/// Sends each kind of write, which all are to be told to come back later.
#[track_caller]
fn no_write_is_acknowledged(api: &Api, root: &Caller, link: u64) {
    let draft = json!({ "name": "new", "url": "http://new" });
    let published = json!({ "tag_name": "v2", "assets": { "links": [draft] } });
    says_later(&root.post(api.links()).json(&draft).send());
    says_later(&root.put(api.link(link)).json(&draft).send());
    says_later(&root.delete(api.link(link)).send());
    says_later(&root.post(api.releases()).json(published).send());
}

#[test]
fn a_commit_that_cannot_be_synced_or_written_is_not_acknowledged_and_not_seen() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let (link, root) = (api.add("a", "http://a"), api.admin());
    let before = (api.snapshot(), get(&server, &api.releases()).text);
    for rule in ["fsync,fdatasync:error=EIO", "pwrite64:error=EIO", "pwrite64:error=ENOSPC"] {
        let meddling = Meddling::with(&server, rule, &[log(&launch)]);
        no_write_is_acknowledged(&api, &root, link);
        assert_eq!((api.snapshot(), get(&server, &api.releases()).text), before, "{rule}");
        get(&server, "/-/readiness").status(200);
        drop(meddling);
        let name = rule.replace([':', '='], "-");
        let added = api.add(&name, &format!("http://{name}"));
        root.delete(api.link(added)).send().status(200);
        assert_eq!(api.snapshot(), before.0, "{rule}");
    }
    server.signal("KILL");
    server.exit_within(PATIENCE);
    let server = launch.start();
    assert_eq!(get(&server, &(api.links() + "?per_page=100")).text, before.0);
    assert_eq!(complaints(&launch.database()), Vec::<String>::new());
}

#[test]
fn a_commit_whose_sync_failed_is_stored_in_full_or_not_at_all_after_a_crash() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let links: Vec<_> = (0..3).map(|n| json!({ "name": n, "url": format!("http://{n}") })).collect();
    let published = json!({ "tag_name": "v2", "assets": { "links": links } });
    let meddling = Meddling::with(&server, "fsync,fdatasync:error=EIO", &[log(&launch)]);
    says_later(&api.admin().post(api.releases()).json(published).send());
    get(&server, &format!("{}/v2", api.releases())).status(404);
    drop(meddling);
    server.signal("KILL");
    server.exit_within(PATIENCE);
    let server = launch.start();
    let answer = get(&server, &format!("{}/v2", api.releases()));
    assert!(answer.status == 404 || answer.json()["assets"]["count"] == links.len(), "{answer:?}");
    println!("after the crash it is answered with {}", answer.status);
    assert_eq!(complaints(&launch.database()), Vec::<String>::new());
}

/// Storage that answers every read with an error, and what requests that need it are answered.
#[track_caller]
fn unreadable(error: &str, status: u16, body: &str, retry_after: Option<&str>) {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let link = api.add("a", "http://a");
    let root = api.admin();
    let other = Connection::open(launch.database()).unwrap();
    let files = [log(&launch), launch.database().display().to_string()];
    let meddling = Meddling::with(&server, &format!("pread64:error={error}"), &files);
    // What the server has in memory is no longer the newest, so it has to read.
    other.execute("UPDATE namespaces SET name = name || '.'", []).unwrap();
    says_later(&get(&server, "/-/readiness"));
    let create = root.post(api.links()).form("name=b&url=http://b");
    for request in [root.get(api.links()), root.get(api.releases()), create, root.delete(api.link(link))] {
        let answer = request.send();
        answer.is(status, body);
        assert_eq!(answer.header("retry-after"), retry_after);
    }
    for target in ["/-/liveness", "/-/health"] {
        get(&server, target).status(200);
    }
    drop(meddling);
    for target in ["/-/readiness", &api.links(), &api.link(link), &api.releases()] {
        get(&server, target).status(200);
    }
    api.add("b", "http://b");
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
}

#[test]
fn storage_that_is_gone_is_told_by_503_and_by_readiness_but_not_by_liveness() {
    unreadable("ESTALE", 503, r#"{"message":"503 Service Unavailable"}"#, Some("1"));
}

#[test]
fn a_disk_that_has_lost_its_content_is_told_as_damage_and_by_readiness() {
    // `SQLite` takes what a disk cannot read any more for damage.
    unreadable("EIO", 500, r#"{"message":"500 Internal Server Error"}"#, None);
}

#[test]
fn a_log_that_cannot_be_written_back_keeps_all_that_was_acknowledged() {
    let launch = Launch::new();
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let size = |path: &str| std::fs::metadata(path).unwrap().len();
    let meddling = Meddling::with(&server, "pwrite64:error=ENOSPC", &[launch.database().display()]);
    let names: Vec<_> = (0..MORE_THAN_A_LOG).map(|number| number.to_string()).collect();
    for name in &names {
        api.add(name, &format!("http://{name}"));
    }
    drop(meddling);
    // With the disk well again the log is written back after a write, as far as no snapshot needs it, and then used anew from
    // its beginning.
    let deadline = Instant::now() + PATIENCE;
    let mut added = MORE_THAN_A_LOG;
    loop {
        let before = size(&log(&launch));
        api.add(&format!("late {added}"), &format!("http://late/{added}"));
        added += 1;
        if size(&log(&launch)) == before {
            break;
        }
        assert!(Instant::now() < deadline, "the log grows with each commit");
    }
    server.signal("KILL");
    server.exit_within(PATIENCE);
    let server = launch.start();
    let total = get(&server, &api.links()).header("x-total").map(str::to_owned);
    assert_eq!(total, Some(added.to_string()));
    assert_eq!(complaints(&launch.database()), Vec::<String>::new());
}
