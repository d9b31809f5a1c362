//! Runs ordinary traffic at half of the capacity with each attack beside it in turn, and checks what must hold
//! meanwhile.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;

use crate::attacks::{ATTACKS, Attack, Outcomes, release};
use crate::cost::costs;
use crate::data::{Database, Shape, Sqlite, token};
use crate::files::{NAME, large_file};
use crate::http::{Client, Request};
use crate::load::{Sample, World, traffic};
use crate::server::Server;
use crate::{Outcome, Verdict};

/// The limit on the server's memory, in KiB.
pub(crate) const MOST_MEMORY: u64 = 256 * 1024;

/// How many additional descriptors may be open for a while.
const MORE_DESCRIPTORS: usize = 16;

const MEMBERS: &str = "WITH RECURSIVE c(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM c WHERE n < 50099)
    INSERT INTO users (id, name, email, administrator, bot, created_at)
    SELECT n, 'Member ' || n, 'member-' || n || '@example.com', 0, 0, 0 FROM c";
const MEMBER_NAMES: &str = "WITH RECURSIVE c(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM c WHERE n < 50099)
    INSERT INTO namespaces (id, user_id, name, path, full_path, visibility, since, created_at)
    SELECT 10000000 + n, n, 'Member ' || n, 'member-' || n, 'member-' || n, 'public', 0, 0 FROM c";
const MEMBERSHIPS: &str = "INSERT INTO group_members SELECT 3, id, 10, 0 FROM users WHERE id >= 100";

/// A project with `?1` releases of a thousand links each, which an attack deletes.
pub(crate) const LARGE_PROJECT: u64 = 9_000_000;
const LARGE: [&str; 4] = [
    "INSERT INTO projects (id, namespace_id, name, path, visibility, creator_id, since, created_at)
    SELECT 9000000, 2, 'Large', 'large', 'public', 2, 0, 0 WHERE ?1 > 0",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?1)
    INSERT INTO tags (id, project_id, name, created_at) SELECT 9000000 + n, 9000000, 'v' || n, 0 FROM c",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?1)
    INSERT INTO releases (id, project_id, tag_id, tag, created_at, released_at)
    SELECT 9000000 + n, 9000000, 9000000 + n, 'v' || n, 0, 0 FROM c",
    "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ?1 * 1000)
    INSERT INTO links (project_id, release_id, name, url, link_type)
    SELECT 9000000, 9000001 + n / 1000, 'n' || n, 'https://files.example.com/large/' || n, 'other' FROM c",
];

pub(crate) fn soak(binary: &Path, short: bool, only: &str) -> Outcome<Verdict> {
    let mut verdict = Verdict::default();
    large_file(binary, short, only, &mut verdict)?;
    if NAME.contains(only) && !ATTACKS.iter().any(|attack| attack.name.contains(only)) {
        return Ok(verdict);
    }
    let directory = tempfile::tempdir()?;
    let log = directory.path().join("log");
    let shape = Shape::spread(if short { 100_000 } else { 1_000_000 });
    let database = Sqlite::build(binary, &directory.path().join("soak.db"), shape, &log)?;
    let connection = Connection::open(&database.path)?;
    for fill in [MEMBERS, MEMBER_NAMES, MEMBERSHIPS] {
        connection.execute(fill, [])?;
    }
    for fill in LARGE {
        connection.execute(fill, [if short { 100 } else { 540 }])?;
    }
    drop(connection);
    let token = token(binary, &database)?;
    let server = Server::real(binary, &database.url(), &log)?;
    let world = prepare(server, shape, token)?;
    costs(&world, &mut verdict)?;
    let each = Duration::from_secs(if short { 3 } else { 25 });
    let rate = capacity(&world, each) / 2;
    println!("{} links, ordinary traffic at {rate} requests a second", shape.name());
    println!(
        "{:36} {:>8} {:>9} {:>13} {:>13} {:>8} {:>8} {:>6}  outcomes",
        "attack", "answers", "p99 ms", "liveness p99", "liveness max", "MiB", "peak", "files"
    );
    let baseline = Attack { name: "none", run: |_, _| Ok(Outcomes::default()), ended_within: 5 };
    let wanted = ATTACKS.iter().filter(|attack| attack.name.contains(only));
    for attack in [&baseline].into_iter().chain(wanted) {
        let faults = one(&world, attack, rate, each)?;
        verdict.passed += usize::from(faults.is_empty());
        verdict.failures.extend(faults.into_iter().map(|fault| format!("{}: {fault}", attack.name)));
    }
    world.server.stop()?;
    let log = std::fs::read_to_string(log)?;
    let mut panics = log.lines().filter(|line| line.contains("panicked"));
    verdict.failures.extend(panics.next().map(|line| format!("the log has a panic: {line}")));
    Ok(verdict)
}

/// Creates what an ordinary user can store in projects of their own.
fn prepare(server: Server, shape: Shape, token: String) -> Outcome<World> {
    let mut client = Client::new(server.address);
    let mut post = |target: String, body: serde_json::Value| -> Outcome<u64> {
        let answer = client.ask(&Request::new("POST", target.clone()).token(&token).json(&body))?;
        match answer.status {
            201 => Ok(answer.json()["id"].as_u64().unwrap_or_default()),
            status => Err(format!("{target}: {status} {}", String::from_utf8_lossy(&answer.body)).into()),
        }
    };
    let mut projects = Vec::new();
    for (name, visibility) in [("heavy", "public"), ("hidden", "private"), ("busy", "public")] {
        projects.push(post("/api/v4/projects".to_owned(), json!({"name": name, "visibility": visibility}))?);
    }
    for project in &projects[..2] {
        for number in 0..25 {
            post(format!("/api/v4/projects/{project}/releases"), release(&format!("v{number}"), 1_000, 900))?;
        }
        for number in 0..300 {
            let name = format!("{}{number}b", "*a".repeat(20));
            post(format!("/api/v4/projects/{project}/protected_tags"), json!({"name": name}))?;
        }
    }
    post(format!("/api/v4/projects/{}/releases", projects[2]), json!({"tag_name": "busy"}))?;
    let busy = format!("/api/v4/projects/{}/releases/busy/assets/links", projects[2]);
    Ok(World { server, shape, token, heavy: projects[0], hidden: projects[1], busy })
}

/// Measures how many requests per second are answered when clients send as fast as they can.
fn capacity(world: &World, time: Duration) -> u32 {
    let stop = AtomicBool::new(false);
    let sample = thread::scope(|scope| {
        let traffic = scope.spawn(|| traffic(world, None, &stop));
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        traffic.join().unwrap_or_default()
    });
    u32::try_from(sample.count() as u64 / time.as_secs().max(1)).unwrap_or(u32::MAX)
}

/// Runs one attack beside the traffic, prints its row, and returns what failed.
fn one(world: &World, attack: &Attack, rate: u32, time: Duration) -> Outcome<Vec<String>> {
    world.server.forget_peak()?;
    let before = world.server.descriptors()?;
    let stop = AtomicBool::new(false);
    let (mut sample, outcomes) = thread::scope(|scope| {
        let traffic = scope.spawn(|| traffic(world, Some(rate), &stop));
        let attackers = scope.spawn(|| (attack.run)(world, &stop));
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        (traffic.join().unwrap_or_default(), attackers.join())
    });
    let outcomes = outcomes.map_err(|_| "the attack itself panicked")??;
    let (memory, peak) = (world.server.memory("VmRSS")?, world.server.memory("VmHWM")?);
    println!(
        "{:36} {:8} {:9.1} {:13.1} {:13.1} {:8} {:8} {:6}  {:?}, {} MiB",
        attack.name,
        sample.count(),
        sample.p99(),
        sample.liveness_p99(),
        sample.liveness_max(),
        memory / 1024,
        peak / 1024,
        world.server.descriptors()?,
        outcomes.statuses,
        outcomes.bytes >> 20,
    );
    let mut faults = violations(&sample, peak);
    if !settles(world, before, attack.ended_within)? {
        faults.push(format!("descriptors: {before} before, {} after", world.server.descriptors()?));
    }
    drop(outcomes);
    Ok(faults)
}

fn violations(sample: &Sample, peak: u64) -> Vec<String> {
    let mut faults = Vec::new();
    if peak > MOST_MEMORY {
        faults.push(format!("{} MiB of memory", peak / 1024));
    }
    let odd: Vec<_> = sample.statuses.iter().filter(|(status, _)| !matches!(status, 200 | 201 | 302 | 503)).collect();
    if !odd.is_empty() {
        faults.push(format!("ordinary traffic was answered {odd:?}"));
    }
    if sample.unanswered > 0 {
        faults.push(format!("{} ordinary requests without an answer", sample.unanswered));
    }
    faults
}

/// Whether the server returns to its earlier number of open descriptors while clients still hold their connections.
fn settles(world: &World, before: usize, within: u64) -> Outcome<bool> {
    let until = Instant::now() + Duration::from_secs(within);
    loop {
        if world.server.descriptors()? <= before + MORE_DESCRIPTORS {
            return Ok(true);
        }
        if Instant::now() > until {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(100));
    }
}
