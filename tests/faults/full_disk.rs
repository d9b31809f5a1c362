//! A disk that fills up under writers: nothing half done remains, reads continue, and writes work once there is space again.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{iter, thread};

use fastrand::Rng;
use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Request, Visibility};
use crate::ledger::{BASE, Ledger, Step};
use crate::looking::{Folder, complaints};

const WRITERS: usize = 16;
/// What all have to store in, in bytes: more than an empty database takes, and few enough to be filled in seconds.
const ROOM: u64 = 12 << 20;
/// What something else has taken of it, and gives back later.
const BALLAST: usize = 3 << 20;
/// A file of less than is stored at once.
const SMALL: usize = 100_000;

/// A file system in memory, of limited size; gone when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Self {
        let size = format!("size={ROOM}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).status().unwrap();
        assert!(mounted.success(), "this test mounts a file system, which takes root");
        Self(at)
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_batches_loses_and_halves_nothing() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "error");
    let _disk = SmallDisk::mount(launch.directory());
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let root = api.admin();
    let ballast = launch.directory().join("ballast");
    fs::write(&ballast, vec![0; BALLAST]).unwrap();
    let ledger = |number: usize| {
        let name = format!("writer-{number}");
        let project = root.post("/api/v4/projects").json(json!({ "name": name, "path": name })).send().status(201).id();
        let releases = format!("/api/v4/projects/{project}/releases");
        root.post(releases).json(json!({ "tag_name": BASE })).send().status(201);
        Ledger::new(project, Rng::with_seed(number as u64))
    };
    let mut ledgers: Vec<_> = (0..WRITERS).map(ledger).collect();
    // While somebody reads an old state, the log can only grow; that is what fills the disk.
    let reader = Connection::open(launch.database()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM links").unwrap();

    let address = server.address();
    let refused = AtomicUsize::new(0);
    let write_until_full = |ledger: &mut Ledger| {
        loop {
            let step = ledger.next_step();
            let answer = ledger.request(&step, address).send();
            if answer.status == 503 {
                answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
                assert_eq!(answer.header("retry-after"), Some("1"));
                // What is left may be too little for a file, and enough for other writes.
                if matches!(step, Step::Upload(_)) {
                    refused.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                return;
            }
            assert!(matches!(answer.status, 200 | 201), "{answer:?}");
            ledger.acknowledge(step, &answer);
        }
    };
    thread::scope(|scope| {
        for ledger in &mut ledgers {
            scope.spawn(|| write_until_full(ledger));
        }
    });
    let settled = |ledgers: &mut Vec<Ledger>, address| -> Vec<String> {
        ledgers.iter_mut().flat_map(|ledger| ledger.settle(address)).collect()
    };
    assert_eq!(settled(&mut ledgers, address), Vec::<String>::new());
    let refused = refused.into_inner();
    let files_are_whole = || {
        let (missing, left) = Folder::beside(&launch.database()).compare(&launch.database());
        assert_eq!(missing, Vec::<String>::new());
        // What was stored before its row found no room is swept later.
        assert!(left.len() <= refused && left.iter().all(|path| is_whole(path)), "{refused} refused: {left:?}");
    };
    files_are_whole();
    for target in ["/-/health", "/-/liveness", "/-/readiness"] {
        Request::new(address, "GET", target).send().status(200);
    }

    fs::remove_file(&ballast).unwrap();
    drop(reader);
    let before: u64 = ledgers.iter().map(|ledger| ledger.acknowledged).sum();
    for ledger in &mut ledgers {
        // All together may be larger than the ballast.
        let step = iter::repeat_with(|| ledger.next_step()).find(|step| !matches!(step, Step::Upload(_))).unwrap();
        let answer = ledger.request(&step, address).send();
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        ledger.acknowledge(step, &answer);
    }
    let uploads: u64 = ledgers.iter().map(Ledger::uploads).sum();
    println!(
        "{before} acknowledged writes until the disk was full, {uploads} of them uploads, {WRITERS} after it; \
        {refused} uploads refused"
    );
    server.signal("KILL");
    server.exit_within(PATIENCE);
    assert!(server.stderr().contains("disk is full"), "{}", server.stderr());
    let server = launch.start();
    assert_eq!(settled(&mut ledgers, server.address()), Vec::<String>::new());
    assert_eq!(complaints(&launch.database()), Vec::<String>::new());
    files_are_whole();
}

/// Whether a file is not one that is still being written.
fn is_whole(path: &Path) -> bool {
    !path.to_string_lossy().contains('#')
}

#[test]
fn an_upload_that_does_not_fit_leaves_nothing_and_fits_once_there_is_room() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "error");
    let _disk = SmallDisk::mount(launch.directory());
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let link = api.link(api.add("a", "http://a"));
    let developer = api.developer();
    let address = |name: &str| format!("/api/v4/projects/{}/packages/generic/hello/1/{name}", api.project);
    let text = |name: &str, size: usize| name.repeat(size / name.len());
    let put = |name: &str, size: usize| developer.put(address(name)).body(text(name, size));
    let get = |name: &str| api.anonymous().get(address(name)).send();
    put("kept", SMALL).send().status(201);

    let is_refused = |request: Request, name: &str| {
        let answer = request.send();
        answer.is(503, r#"{"message":"503 Service Unavailable"}"#);
        assert_eq!(answer.header("retry-after"), Some("1"));
        get(name).status(404);
        api.anonymous().get(&link).send().status(200);
        assert!(get("kept").status(200).text == text("kept", SMALL));
        let found = Folder::beside(&launch.database()).compare(&launch.database());
        assert_eq!(found, (Vec::new(), Vec::new()));
    };
    let larger = usize::try_from(ROOM).unwrap();
    is_refused(put("large", larger), "large");
    is_refused(put("large", larger).chunked(), "large");
    fill(launch.directory());
    is_refused(put("small", SMALL), "small");

    fs::remove_file(launch.directory().join("ballast")).unwrap();
    for (name, size) in [("small", SMALL), ("half", larger / 2)] {
        put(name, size).send().status(201);
        assert!(get(name).status(200).text == text(name, size));
    }
    assert!(server.stderr().contains("No space left on device"), "{}", server.stderr());
}

/// Writes until nothing more fits.
fn fill(directory: &Path) {
    let mut ballast = fs::File::create(directory.join("ballast")).unwrap();
    while ballast.write_all(&[0; 1 << 12]).is_ok() {}
}

#[test]
fn a_start_on_a_full_disk_says_that_it_is_full() {
    let launch = Launch::new();
    let _disk = SmallDisk::mount(launch.directory());
    launch.start().stop();
    fill(launch.directory());
    let ended = launch.run();
    let expected =
        format!("release-links: cannot open the database {}: the disk is full\n", launch.database().display());
    assert_eq!((ended.code, ended.stderr), (Some(1), expected));
}

#[test]
fn a_start_on_a_full_disk_serves_reads_where_sqlites_files_are_still_there() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "error");
    let _disk = SmallDisk::mount(launch.directory());
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let link = api.link(api.add("a", "http://a"));
    server.signal("KILL");
    server.exit_within(PATIENCE);
    fill(launch.directory());
    let server = launch.start();
    Request::new(server.address(), "GET", link).send().status(200);
    Request::new(server.address(), "GET", "/-/readiness").send().status(200);
}
