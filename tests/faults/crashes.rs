//! The server is killed again and again under writers that create, update, delete and upload; then their ledgers must agree with
//! it, and its rows with the files on disk.

use std::collections::BTreeSet;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;

use crate::harness::{Api, Launch, PATIENCE, Response, Visibility};
use crate::ledger::{BASE, Ledger};
use crate::looking::{Folder, complaints, rows_of_history};

const WRITERS: usize = 32;
/// Every so many kills, the server is also killed while it starts on what the last kill has left.
const STARTS_KILLED: u32 = 4;

/// A database with a project for each writer, all of them empty.
fn stage(launch: &Launch, rng: &mut Rng) -> Vec<Ledger> {
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Public);
    let root = api.admin();
    let project = |number: usize| {
        let name = format!("writer-{number}");
        let project = root.post("/api/v4/projects").json(json!({ "name": name, "path": name })).send().status(201).id();
        let releases = format!("/api/v4/projects/{project}/releases");
        root.post(releases).json(json!({ "tag_name": BASE })).send().status(201);
        project
    };
    let ledgers = (0..WRITERS).map(|number| Ledger::new(project(number), rng.fork())).collect();
    server.stop();
    ledgers
}

/// Writes that often on one connection, or until the server ends it.
pub fn write(ledger: &mut Ledger, address: SocketAddr, most: usize) {
    let Ok(stream) = TcpStream::connect(address) else { return };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = BufReader::new(stream);
    for _ in 0..most {
        let step = ledger.next_step();
        let request = ledger.request(&step, address);
        let sent = stream.get_mut().write_all(&request.bytes());
        match sent.and_then(|()| Response::try_read(&mut stream, &request)) {
            Ok(answer) if answer.status == 200 || answer.status == 201 => ledger.acknowledge(step, &answer),
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{step:?}: {answer:?}");
                return ledger.doubt(step);
            }
            Err(_) => return ledger.doubt(step),
        }
    }
}

/// Lets all write, does that to the server after a random time, starts it anew, and tells what is not as it should be.
fn end_under_writers(
    launch: &Launch,
    ledgers: &mut [Ledger],
    rng: &mut Rng,
    (signal, code): (&str, Option<i32>),
    (folder, left): (&mut Folder, &mut BTreeSet<PathBuf>),
) -> Vec<String> {
    let server = launch.start();
    thread::scope(|scope| {
        for ledger in &mut *ledgers {
            let address = server.address();
            scope.spawn(move || write(ledger, address, usize::MAX));
        }
        // Not to wait for anything: the moment is what is random.
        thread::sleep(Duration::from_millis(rng.u64(5..500)));
        server.signal(signal);
    });
    assert_eq!(server.exit_within(PATIENCE), code, "{}", server.stderr());
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    if rng.u32(..STARTS_KILLED) == 0 {
        launch.start_and_kill(Duration::from_millis(rng.u64(..60)));
    }
    let server = launch.start();
    let mut wrong: Vec<_> = ledgers.iter_mut().flat_map(|ledger| ledger.settle(server.address())).collect();
    wrong.extend(complaints(&launch.database()));
    let rows = |project| rows_of_history(&launch.database(), project);
    wrong.extend(ledgers.iter().filter_map(|ledger| ledger.miscounted(rows)));
    let (missing, unused) = folder.compare(&launch.database());
    wrong.extend(missing);
    let more = unused.into_iter().filter(|path| left.insert(path.clone())).count();
    if more > WRITERS {
        wrong.push(format!("{more} files without a row were left by {WRITERS} uploads"));
    }
    wrong
}

fn end_again_and_again(times: u32, end: (&str, Option<i32>), what: &str) {
    let seed = std::env::var("FAULTS_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("FAULTS_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "warn");
    let mut ledgers = stage(&launch, &mut rng);
    let (mut folder, mut left) = (Folder::beside(&launch.database()), BTreeSet::new());
    let (mut lost, mut ends) = (Vec::new(), 0);
    while ends < times && lost.is_empty() {
        if ends + 1 == times {
            ledgers.iter_mut().for_each(Ledger::look_again);
            folder = Folder::beside(&launch.database());
        }
        lost = end_under_writers(&launch, &mut ledgers, &mut rng, end, (&mut folder, &mut left));
        ends += 1;
    }
    let acknowledged: u64 = ledgers.iter().map(|ledger| ledger.acknowledged).sum();
    let uploads: u64 = ledgers.iter().map(Ledger::uploads).sum();
    println!(
        "{ends} {what}, {acknowledged} acknowledged writes of which {uploads} uploads, {} lost; {} files without a row",
        lost.len(),
        left.len()
    );
    assert_eq!(lost, Vec::<String>::new());
    assert!(uploads >= u64::from(times), "hardly anything was uploaded");
}

/// Kills the server as often as that.
pub fn kills(times: u32) {
    end_again_and_again(times, ("KILL", None), "kills");
}

/// Tells it to stop as often as that.
#[allow(dead_code, reason = "asked for by the short tests alone")]
pub fn stops(times: u32) {
    end_again_and_again(times, ("TERM", Some(0)), "stops");
}
