//! Measures what one request of each costly kind takes while the server has little else to do: the table in
//! `docs/limits.md`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::attacks::{crowded_bodies, release};
use crate::http::{Client, Request};
use crate::load::World;
use crate::soak::MOST_MEMORY;
use crate::{Outcome, Verdict};

/// How many links the largest release has, and how many of them fit into the request that creates it.
const LINKS: usize = 1_000;
const LINKS_AT_ONCE: usize = 300;

/// How often the second client sends a request meanwhile.
const OTHERS_EVERY: Duration = Duration::from_millis(1);

/// A costly request, with its name on the page and the expected status.
type Costly = (&'static str, Request, u16);

/// Sends each costly request once, prints its row, and records what failed.
pub(crate) fn costs(world: &World, verdict: &mut Verdict) -> Outcome<()> {
    let idle = world.server.memory("VmRSS")?;
    fill(world)?;
    println!("\n{} MiB of memory before the first of these requests\n", idle / 1024);
    println!("| One request | Answer | Time | Memory of the server at most | Others wait at most |");
    println!("|---|---:|---:|---:|---:|");
    for costly in requests(world) {
        let (name, faults) = (costly.0, one(world, costly)?);
        verdict.passed += usize::from(faults.is_none());
        verdict.failures.extend(faults.map(|fault| format!("{name}: {fault}")));
    }
    println!();
    Ok(())
}

/// Creates what is read and deleted: the largest release, and a project with many links.
fn fill(world: &World) -> Outcome<()> {
    let mut client = Client::new(world.server.address);
    let mut send = |method: &str, target: String, body: serde_json::Value| -> Outcome<u64> {
        let answer = client.ask(&Request::new(method, target.clone()).token(&world.token).json(&body))?;
        match answer.status {
            200 | 201 => Ok(answer.json()["id"].as_u64().unwrap_or_default()),
            status => Err(format!("{target}: {status} {}", String::from_utf8_lossy(&answer.body)).into()),
        }
    };
    let releases = format!("/api/v4/projects/{}/releases", world.heavy);
    let links: Vec<_> = (0..LINKS).map(largest_link).collect();
    let draft = json!({"tag_name": "largest", "assets": {"links": &links[..LINKS_AT_ONCE]}});
    send("POST", releases.clone(), draft)?;
    for link in &links[LINKS_AT_ONCE..] {
        send("POST", format!("{releases}/largest/assets/links"), link.clone())?;
    }
    send("PUT", format!("{releases}/largest"), json!({"description": "x".repeat(1_000_000)}))?;
    let removed = send("POST", "/api/v4/projects".to_owned(), json!({"name": "removed"}))?;
    for number in 0..10 {
        send("POST", format!("/api/v4/projects/{removed}/releases"), release(&format!("v{number}"), LINKS, 700))?;
    }
    Ok(())
}

/// A link with the longest name and URL; without a path, its answer repeats the URL.
fn largest_link(number: usize) -> serde_json::Value {
    let name = format!("{number:03}{}", "\u{1f4e6}".repeat(252));
    let url = format!("http://{number}/");
    json!({"name": name, "url": format!("{url}{}", "x".repeat(2048 - url.len()))})
}

fn requests(world: &World) -> Vec<Costly> {
    let heavy = format!("/api/v4/projects/{}", world.heavy);
    let token = &world.token;
    let (kind, body) = crowded_bodies().swap_remove(0);
    let mut crowded = Request::new("POST", world.busy.as_str()).token(token).header("Content-Type", kind);
    crowded.body = body;
    let made = release("made", LINKS, 700);
    vec![
        ("A page of 26 releases with 1,000 links each", Request::get(format!("{heavy}/releases?per_page=100")), 200),
        ("The head of that page", Request::new("HEAD", format!("{heavy}/releases?per_page=100")), 200),
        ("The largest release by itself", Request::get(format!("{heavy}/releases/largest")), 200),
        ("100 of its links", Request::get(format!("{heavy}/releases/largest/assets/links?per_page=100")), 200),
        ("A page of tags, matched with 300 rules", Request::get(format!("{heavy}/repository/tags?per_page=100")), 200),
        ("A search in all projects that finds nothing", Request::get("/api/v4/projects?search=zzzz"), 200),
        (
            "A page of 50,000 members that match a search",
            Request::get("/api/v4/groups/3/members/all?per_page=100&query=m").token(token),
            200,
        ),
        ("A body of 1 MiB with too many parameters", crowded, 400),
        (
            "A release made with 1,000 links",
            Request::new("POST", format!("{heavy}/releases")).token(token).json(&made),
            201,
        ),
        ("That release removed", Request::new("DELETE", format!("{heavy}/releases/made")).token(token), 200),
        (
            "A project with 10,000 links removed",
            Request::new("DELETE", "/api/v4/projects/reader%2Fremoved").token(token),
            202,
        ),
    ]
}

/// Sends the request once and prints the row. Returns what failed, if anything.
fn one(world: &World, (name, request, expected): Costly) -> Outcome<Option<String>> {
    world.server.forget_peak()?;
    let stop = AtomicBool::new(false);
    let (answer, time, others) = thread::scope(|scope| {
        let (ready, asks) = channel();
        let stop = &stop;
        let others = scope.spawn(move || others(world, &ready, stop));
        // The channel closes if the second client fails; its own result says why.
        let _ = asks.recv();
        let began = Instant::now();
        let answer = Client::new(world.server.address).ask(&request);
        let time = began.elapsed();
        stop.store(true, Ordering::Relaxed);
        (answer, time, others.join())
    });
    let (answer, others) = (answer?, others.map_err(|_| "the second client panicked")??);
    let peak = world.server.memory("VmHWM")?;
    println!(
        "| {name} | {} KiB | {:.1} ms | {} MiB | {:.1} ms |",
        answer.body.len().div_ceil(1024),
        time.as_secs_f64() * 1000.0,
        peak / 1024,
        others.as_secs_f64() * 1000.0,
    );
    Ok(if answer.status != expected {
        Some(format!("{} in place of {expected}", answer.status))
    } else if peak > MOST_MEMORY {
        Some(format!("{} MiB of memory", peak / 1024))
    } else {
        None
    })
}

/// Gets a link again and again, signals when the first answer has arrived, and returns the longest time that a later
/// one took.
fn others(world: &World, ready: &Sender<()>, stop: &AtomicBool) -> Outcome<Duration> {
    let mut client = Client::new(world.server.address);
    let request = Request::get(world.shape.pick(&mut fastrand::Rng::new(), false).get());
    let mut longest = Duration::ZERO;
    client.ask(&request)?;
    ready.send(())?;
    while !stop.load(Ordering::Relaxed) || longest.is_zero() {
        let began = Instant::now();
        let status = client.ask(&request)?.status;
        if status != 200 {
            return Err(format!("the second client was answered {status}").into());
        }
        longest = longest.max(began.elapsed());
        thread::sleep(OTHERS_EVERY);
    }
    Ok(longest)
}
