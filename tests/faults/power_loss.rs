//! No 2xx to a write is sent before its commit is on disk, and nothing is committed that names bytes which are not: strace
//! records what the server does, and from that the tests reconstruct the files as a power cut at the moment of each answer would
//! have left them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use fastrand::Rng;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

use crate::crashes::write;
use crate::disk::{Disk, Leaving};
use crate::harness::{Api, Launch, ROOT_TOKEN, Request, Server, Visibility};
use crate::ledger::{BASE, Ledger};
use crate::looking::Folder;
use crate::trace::{CALLS, Event, LONGEST, events};

const WRITERS: usize = 8;
const WRITES_EACH: usize = 15;
const DATABASE: &str = "new/deep/x.db";
/// What the address of a file has between its project and its package.
const FILES: &str = "/packages/generic/";

/// Starts a server on a database of that name below the launch's directory, and writes down what it does.
fn traced(launch: &Launch, database: &str) -> Server {
    let trace = launch.directory().join("trace");
    let url = format!("sqlite:{}", launch.directory().join(database).display());
    let launch = launch.clone().bare().arg("serve").arg("--listen").arg("127.0.0.1:0").arg("--database").arg(url);
    let launch = launch.env("RELEASE_LINKS_ROOT_TOKEN", ROOT_TOKEN).env("RELEASE_LINKS_LOG", "warn");
    let trace = trace.to_str().unwrap();
    launch.under(["strace", "-D", "-f", "-y", "-qq", "-s", LONGEST, "-e", CALLS, "-o", trace]).start()
}

/// Stops the server and reads what it did. strace has closed its file once the server's streams have ended.
fn trace_of(server: &Server, launch: &Launch) -> Vec<Event> {
    server.stop();
    events(&fs::read_to_string(launch.directory().join("trace")).unwrap())
}

/// What has to be there by the word of an answer.
#[derive(Default)]
struct Promise {
    /// The values of links, or that they are gone.
    links: BTreeMap<i64, Option<[String; 3]>>,
    /// How often a file was published at an address.
    files: BTreeMap<String, i64>,
}

impl Promise {
    fn extend(&mut self, other: Self) {
        self.links.extend(other.links);
        for (address, times) in other.files {
            *self.files.entry(address).or_default() += times;
        }
    }
}

/// What a 2xx to a write of links or of a file promises.
fn promise(request: &str, answer: &str) -> Option<Promise> {
    let mut words = request.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if !(answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.1 201 ")) {
        return None;
    }
    if method == "PUT" && target.contains(FILES) {
        return Some(Promise { files: BTreeMap::from([(target.to_owned(), 1)]), ..Promise::default() });
    }
    if !matches!(method, "POST" | "PUT" | "DELETE") || !target.contains("/releases") {
        return None;
    }
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).unwrap();
    // A release, or all links at once, or one link.
    let links = [&body["assets"]["links"], &body["links"]].into_iter().find_map(Value::as_array).cloned();
    let links = links.unwrap_or_else(|| vec![body]);
    let values = |link: &Value| ["name", "url", "link_type"].map(|key| link[key].as_str().unwrap().to_owned());
    let promised = links.iter().map(|link| (link["id"].as_i64().unwrap(), (method != "DELETE").then(|| values(link))));
    Some(Promise { links: promised.collect(), ..Promise::default() })
}

/// The next answer on a connection.
fn answer_on<'a>(connection: &str, events: &'a [Event]) -> Option<&'a str> {
    events.iter().find_map(|event| match event {
        Event::Answered { connection: answered, answer } if answered == connection => Some(answer.as_str()),
        _ => None,
    })
}

/// What a database that went through a power cut lacks of what was acknowledged. A link may also be as a request makes it
/// that was not answered yet.
fn lacks(database: &Path, acknowledged: &Promise, unanswered: &HashMap<&String, Promise>) -> Vec<String> {
    if !database.exists() {
        return vec!["there is no database".to_owned()];
    }
    let conn = Connection::open(database).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
    let check = conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    if check.as_deref() != Ok("ok") {
        return vec![format!("{check:?}")];
    }
    let Ok(mut find) = conn.prepare("SELECT name, url, link_type FROM links WHERE id = ?1") else {
        return vec!["there is no table of links".to_owned()];
    };
    let mut lacking = Vec::new();
    for (id, expected) in &acknowledged.links {
        let row = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?]);
        let found = find.query_row([id], row).optional().unwrap();
        let is_as_in = |promise: &Promise| promise.links.get(id) == Some(&found);
        if found != *expected && !unanswered.values().any(is_as_in) {
            lacking.push(format!("link {id} is {found:?} and not {expected:?}"));
        }
    }
    let mut count = conn
        .prepare(
            "SELECT count(*) FROM packages p JOIN package_files f ON f.package_id = p.id
            WHERE '/api/v4/projects/' || p.project_id || ?2 || p.name || '/' || p.version || '/' || f.name = ?1",
        )
        .unwrap();
    for (address, times) in &acknowledged.files {
        let found: i64 = count.query_row([address, FILES], |row| row.get(0)).unwrap();
        if found < *times {
            lacking.push(format!("{address} has {found} files and not {times}"));
        }
    }
    // Also what was not acknowledged yet.
    lacking.extend(Folder::beside(database).compare(database).0);
    lacking
}

/// Cuts the power at each answer to a write, until something is lost. How many answers there were, and what was lost.
fn cut_power_at_each_answer(mut disk: Disk, events: &[Event], database: &str) -> (usize, Option<String>) {
    let mut rng = Rng::with_seed(5);
    let (mut unanswered, mut acknowledged) = (HashMap::new(), Promise::default());
    let mut answers = 0;
    for (number, event) in events.iter().enumerate() {
        disk.follow(event);
        match event {
            Event::Asked { connection, request } => {
                let promised = answer_on(connection, &events[number..]).and_then(|answer| promise(request, answer));
                unanswered.extend(promised.map(|promised| (connection, promised)));
            }
            Event::Answered { connection, .. } => {
                let Some(promised) = unanswered.remove(connection) else { continue };
                acknowledged.extend(promised);
                answers += 1;
                for leaving in [Leaving::Nothing, Leaving::Some(&mut rng)] {
                    let left = tempfile::tempdir().unwrap();
                    disk.cut_power(left.path(), leaving);
                    let lacking = lacks(&left.path().join(database), &acknowledged, &unanswered);
                    if let Some(lacking) = lacking.first() {
                        return (answers, Some(format!("at answer {answers}: {lacking}")));
                    }
                }
            }
            _ => {}
        }
    }
    (answers, None)
}

fn without_syncs_of(events: &[Event], is_of: impl Fn(&str) -> bool) -> Vec<Event> {
    let kept = |event: &&Event| match event {
        Event::SyncBegan { path, .. } | Event::SyncEnded { path, .. } => !is_of(path),
        _ => true,
    };
    events.iter().filter(kept).cloned().collect()
}

/// The same with each answer sent as soon as its request has come.
fn with_hasty_answers(events: &[Event]) -> Vec<Event> {
    let mut hasty: Vec<Event> = Vec::new();
    for event in events {
        let request = |earlier: &Event| match (earlier, event) {
            (Event::Asked { connection, .. }, Event::Answered { connection: answered, .. }) => connection == answered,
            _ => false,
        };
        match hasty.iter().rposition(request) {
            Some(at) => hasty.insert(at + 1, event.clone()),
            None => hasty.push(event.clone()),
        }
    }
    hasty
}

#[test]
fn no_acknowledged_write_is_lost_when_the_power_is_cut_at_its_answer() {
    let launch = Launch::new();
    let server = Arc::new(traced(&launch, DATABASE));
    let api = Api::on(&server, Visibility::Public);
    let root = api.admin();
    thread::scope(|scope| {
        for number in 0..WRITERS {
            let name = format!("writer-{number}");
            let draft = json!({ "name": name, "path": name });
            let project = root.post("/api/v4/projects").json(draft).send().status(201).id();
            let releases = format!("/api/v4/projects/{project}/releases");
            root.post(releases).json(json!({ "tag_name": BASE })).send().status(201);
            let mut ledger = Ledger::new(project, Rng::with_seed(number as u64));
            let address = server.address();
            scope.spawn(move || write(&mut ledger, address, WRITES_EACH));
        }
    });
    let events = trace_of(&server, &launch);
    let cut = |events: &[Event]| cut_power_at_each_answer(Disk::new(launch.directory()), events, DATABASE);

    let (answers, lost) = cut(&events);
    assert_eq!(lost, None);
    let uploads =
        events.iter().filter(|event| matches!(event, Event::Asked { request, .. } if request.contains(FILES)));
    let uploads = uploads.count();
    println!("{answers} acknowledged writes of which {uploads} uploads, power cut twice at each, 0 lost");
    assert!(uploads >= WRITERS, "only {uploads} uploads were seen");
    assert!(answers >= WRITERS * WRITES_EACH, "only {answers} answers were seen");

    // A server that did not sync its log, or did so after the answer, or never synced a directory, would be found out.
    assert_ne!(cut(&without_syncs_of(&events, |path| path.ends_with("-wal"))).1, None);
    assert_ne!(cut(&with_hasty_answers(&events)).1, None);
    for directory in ["", "new", "new/deep"] {
        let directory = launch.directory().join(directory);
        assert_ne!(cut(&without_syncs_of(&events, |path| Path::new(path) == directory)).1, None, "{directory:?}");
    }
    // So would one that did not sync a file, or the directory where it is, or the one above that.
    let files = launch.directory().join("new/deep/files");
    for depth in 0..=2 {
        let is_of =
            |path: &str| Path::new(path).strip_prefix(&files).is_ok_and(|below| below.components().count() == depth);
        assert_ne!(cut(&without_syncs_of(&events, is_of)).1, None, "{depth} below the folder of files");
    }
}

/// The level of a member in the database that a power cut right before the last answer leaves, if it leaves one.
fn level_after_a_power_cut(mut disk: Disk, events: &[Event], member: u64) -> Option<u32> {
    let last = events.iter().rposition(|event| matches!(event, Event::Answered { .. })).unwrap();
    events[..last].iter().for_each(|event| disk.follow(event));
    let left = tempfile::tempdir().unwrap();
    disk.cut_power(left.path(), Leaving::Nothing);
    let conn = Connection::open(left.path().join("x.db")).unwrap();
    let sql = "SELECT level FROM project_members WHERE user_id = ?1";
    conn.query_row(sql, [member.cast_signed()], |row| row.get(0)).ok()
}

#[test]
fn what_a_killed_server_left_in_its_log_is_synced_before_anyone_is_answered() {
    let first = Launch::new();
    let server = Arc::new(first.start());
    let api = Api::on(&server, Visibility::Public);
    let member = api.reporter().get("/api/v4/user").send().status(200).id();
    let target = format!("/api/v4/projects/{}/members/{member}", api.project);
    let promote = |server: &Server| {
        let request = Request::new(server.address(), "PUT", &target).header("PRIVATE-TOKEN", ROOT_TOKEN);
        request.form("access_level=40").send().status(200);
    };
    promote(&server);
    // As if it had been killed after the write to its log and before the sync.
    let launch = Launch::new();
    let (database, log) = (launch.directory().join("x.db"), launch.directory().join("x.db-wal"));
    let left_log = first.directory().join("release-links.db-wal");
    fs::copy(first.database(), &database).unwrap();
    fs::copy(&left_log, &log).unwrap();
    let disk = || {
        let mut disk = Disk::new(launch.directory());
        disk.put_safe(&database, fs::read(first.database()).unwrap());
        disk.put_unsynced(&log, fs::read(&left_log).unwrap());
        disk
    };

    // The client tries again. The level is there already, so there is nothing to commit.
    let server = traced(&launch, "x.db");
    promote(&server);
    let events = trace_of(&server, &launch);
    assert_eq!(level_after_a_power_cut(disk(), &events, member), Some(40));
    let unsynced = without_syncs_of(&events, |path| path.ends_with("-wal"));
    assert_eq!(level_after_a_power_cut(disk(), &unsynced, member), None);
}

#[test]
fn a_folder_that_a_killed_server_left_is_synced_before_an_upload_to_it_is_acknowledged() {
    let launch = Launch::new();
    let folder = launch.directory().join("files");
    let server = Arc::new(traced(&launch, "x.db"));
    let api = Api::on(&server, Visibility::Public);
    // As if a server had been killed after it made the folders and before the sync.
    let below = (0..256).map(|number| folder.join(format!("{number:02x}")));
    let folders = [folder.clone()].into_iter().chain(below);
    let folders: Vec<_> = folders.map(|folder| folder.to_str().unwrap().to_owned()).collect();
    for folder in &folders {
        fs::create_dir(folder).unwrap();
    }
    let target = format!("/api/v4/projects/{}{FILES}hello/1/app", api.project);
    api.developer().put(target).body("abc").send().status(201);
    let events = trace_of(&server, &launch);
    let last = events.iter().rposition(|event| matches!(event, Event::Answered { .. })).unwrap();
    let lacking_after = |events: &[Event]| {
        let mut disk = Disk::new(launch.directory());
        for folder in &folders {
            disk.follow(&Event::MadeDirectory(folder.clone()));
        }
        for event in events {
            disk.follow(event);
        }
        let left = tempfile::tempdir().unwrap();
        disk.cut_power(left.path(), Leaving::Nothing);
        let database = left.path().join("x.db");
        let conn = Connection::open(&database).unwrap();
        let rows: u32 = conn.query_row("SELECT count(*) FROM file_bytes", [], |row| row.get(0)).unwrap();
        (rows, Folder::beside(&database).compare(&database).0)
    };
    assert_eq!(lacking_after(&events[..last]), (1, Vec::new()));
    let unsynced = without_syncs_of(&events[..last], |path| Path::new(path) == folder);
    assert_eq!(lacking_after(&unsynced).1.len(), 1);
}
