//! The attacks: what one client after another requests or holds, until told to stop.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Outcome;
use crate::http::{Client, Request, connect};
use crate::load::World;
use crate::soak::LARGE_PROJECT;

/// How many connections are held at once.
const HELD: usize = 250;

/// The largest body that the server takes.
const BODY: usize = 1024 * 1024 - 1024;

/// One attack.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    /// Within how many seconds the server has put an end to what is held.
    pub(crate) ended_within: u64,
}

type Run = fn(&World, &AtomicBool) -> Outcome<Outcomes>;

/// What became of an attack; connections that are still held are in it.
#[derive(Default)]
pub(crate) struct Outcomes {
    pub(crate) statuses: BTreeMap<String, usize>,
    pub(crate) bytes: u64,
    pub(crate) held: Vec<TcpStream>,
}

pub(crate) const ATTACKS: &[Attack] = &[
    asking("releases with many links", |world, stop| {
        Ok(flood(world, stop, 8, |_| Request::get(format!("/api/v4/projects/{}/releases?per_page=100", world.heavy))))
    }),
    asking("the heads of such lists", |world, stop| {
        Ok(flood(world, stop, 8, |_| {
            Request::new("HEAD", format!("/api/v4/projects/{}/releases?per_page=100", world.heavy))
        }))
    }),
    asking("a token with a long name", |world, stop| {
        let draft = json!({"name": "x".repeat(BODY), "scopes": ["api"]}).to_string();
        Ok(flood(world, stop, 4, |_| {
            let target = format!("/api/v4/projects/{}/access_tokens", world.heavy);
            Request::new("POST", target).token(&world.token).json(&draft)
        }))
    }),
    asking("tags below many rules", |world, stop| {
        Ok(flood(world, stop, 8, |_| {
            Request::get(format!("/api/v4/projects/{}/repository/tags?per_page=100", world.heavy))
        }))
    }),
    asking("64 searches", |world, stop| {
        Ok(flood(world, stop, 64, |n| Request::get(format!("/api/v4/projects?search=zz{n}"))))
    }),
    asking("a hidden project's releases", |world, stop| {
        Ok(flood(world, stop, 8, |_| Request::get(format!("/api/v4/projects/{}/releases?per_page=100", world.hidden))))
    }),
    asking("bodies of many parameters", |world, stop| {
        let bodies = crowded_bodies();
        Ok(flood(world, stop, 8, |n| {
            let (kind, body) = &bodies[n % bodies.len()];
            let mut request =
                Request::new("POST", world.busy.as_str()).token(&world.token).header("Content-Type", *kind);
            request.body.clone_from(body);
            request
        }))
    }),
    asking("large releases, made and removed", |world, stop| {
        Ok(flood(world, stop, 2, |n| {
            let (tag, releases) = (n / 2, format!("/api/v4/projects/{}/releases", world.heavy));
            match n % 2 {
                0 => Request::new("POST", releases).token(&world.token).json(&release(
                    &format!("made-{tag}"),
                    1_000,
                    700,
                )),
                _ => Request::new("DELETE", format!("{releases}/made-{tag}")).token(&world.token),
            }
        }))
    }),
    asking("the end of a large project", |world, stop| {
        // Once: it is gone at once, and what it held goes while the others go on.
        Ok(flood(world, stop, 1, |n| {
            let project = format!("/api/v4/projects/{LARGE_PROJECT}");
            if n == 0 { Request::new("DELETE", project).token(&world.token) } else { Request::get(project) }
        }))
    }),
    asking("a search of 49,999 letters", |world, stop| {
        let target = format!("/api/v4/projects/{}/repository/tags?search={}", world.heavy, "x".repeat(49_999));
        Ok(flood(world, stop, 8, |_| Request::get(target.as_str())))
    }),
    asking("a header's name of 64 KiB", |world, stop| {
        let name = "x".repeat(65_536);
        Ok(flood(world, stop, 4, |_| Request::get("/-/liveness").header(&name, "a")))
    }),
    asking("members of a large group", |world, stop| {
        Ok(flood(world, stop, 16, |n| {
            let all = ["/api/v4/groups/3/members", "/api/v4/groups/3/members/all", "/api/v4/projects/1/members/all"];
            Request::get(format!("{}?per_page=100&page={}&query=m", all[n % 3], n % 500)).token(&world.token)
        }))
    }),
    holding("slow heads", 8, |world, stop| hold(world, stop, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", true)),
    holding("slow second heads", 8, |world, stop| {
        hold(world, stop, b"GET /-/liveness HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nX-Slow: ", true)
    }),
    holding("slow bodies", 13, |world, stop| {
        let head = "POST /api/v4/users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n";
        hold(world, stop, format!("{head}{}", "x".repeat(60_000)).as_bytes(), true)
    }),
    holding("answers that nobody reads", 20, |world, stop| hold(world, stop, &heavy(world).bytes(), false)),
    holding("answers read at 2 KiB a second", 20, |world, stop| sip(world, stop, &heavy(world).bytes())),
];

/// The largest answer there is, after which the connection is to end: one that was refused would else be kept for the next.
fn heavy(world: &World) -> Request {
    Request::get(format!("/api/v4/projects/{}/releases?per_page=100", world.heavy)).header("Connection", "close")
}

const fn asking(name: &'static str, run: Run) -> Attack {
    Attack { name, run, ended_within: 5 }
}

const fn holding(name: &'static str, ended_within: u64, run: Run) -> Attack {
    Attack { name, run, ended_within }
}

/// Asks again and again, on so many connections at once.
fn flood(world: &World, stop: &AtomicBool, connections: usize, request: impl Fn(usize) -> Request + Sync) -> Outcomes {
    let outcomes = Mutex::new(Outcomes::default());
    thread::scope(|scope| {
        for number in 0..connections {
            let (outcomes, request) = (&outcomes, &request);
            scope.spawn(move || {
                let mut client = Client::new(world.server.address);
                let mut round = 0;
                while !stop.load(Ordering::Relaxed) {
                    // Each connection has its own numbers, one after the other.
                    let answer = client.ask(&request(number * 1_000_000 + round));
                    round += 1;
                    let Ok(mut outcomes) = outcomes.lock() else { return };
                    let outcome = match answer {
                        Ok(answer) => {
                            outcomes.bytes += answer.body.len() as u64;
                            answer.status.to_string()
                        }
                        Err(error) => error.kind().to_string(),
                    };
                    *outcomes.statuses.entry(outcome).or_default() += 1;
                }
            });
        }
    });
    outcomes.into_inner().unwrap_or_default()
}

/// Holds connections on which something was begun, and goes on with a byte at a time where it says so.
fn hold(world: &World, stop: &AtomicBool, begun: &[u8], trickles: bool) -> Outcome<Outcomes> {
    let mut outcomes = Outcomes::default();
    for _ in 0..HELD {
        let mut stream = connect(world.server.address)?;
        stream.set_nonblocking(true)?;
        let sent = stream.write(begun).is_ok();
        *outcomes.statuses.entry(if sent { "held" } else { "refused" }.to_owned()).or_default() += 1;
        outcomes.held.push(stream);
    }
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(500));
        if trickles {
            for stream in &mut outcomes.held {
                let _ = stream.write(b"x");
            }
        }
    }
    Ok(outcomes)
}

/// Reads so slowly that it is allowed.
fn sip(world: &World, stop: &AtomicBool, request: &[u8]) -> Outcome<Outcomes> {
    let mut outcomes = Outcomes::default();
    for _ in 0..HELD / 5 {
        let mut stream = connect(world.server.address)?;
        stream.write_all(request)?;
        stream.set_nonblocking(true)?;
        outcomes.held.push(stream);
    }
    let mut sip = [0; 2 * 1024];
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_secs(1));
        for stream in &mut outcomes.held {
            outcomes.bytes += stream.read(&mut sip).unwrap_or(0) as u64;
        }
    }
    outcomes.statuses.insert("read".to_owned(), outcomes.held.len());
    Ok(outcomes)
}

/// A release with so many links, each with a URL of that length.
pub(crate) fn release(tag: &str, links: usize, length: usize) -> Value {
    let links: Vec<Value> = (0..links)
        .map(|n| json!({"name": format!("{n}"), "url": format!("http://{n}/{}", "x".repeat(length))}))
        .collect();
    json!({"tag_name": tag, "assets": {"links": links}})
}

/// Bodies with as many parameters as go into one.
pub(crate) fn crowded_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let form = "application/x-www-form-urlencoded";
    let until_full = |piece: &dyn Fn(usize) -> String| {
        let mut body = String::new();
        while body.len() < BODY {
            let _ = write!(body, "{}", piece(body.len()));
        }
        body.truncate(BODY);
        body
    };
    vec![
        (form, until_full(&|n| format!("a[{n}][b]=&")).into_bytes()),
        (form, until_full(&|_| "assets[links][][name]=&".to_owned()).into_bytes()),
        (form, until_full(&|_| "&".to_owned()).into_bytes()),
        (
            "application/json",
            format!(
                "[{}0]",
                until_full(&|_| "{\"\":0},".to_owned()).rsplit_once(',').map_or("", |x| x.0).to_owned() + ","
            )
            .into_bytes(),
        ),
        ("application/json", "[".repeat(BODY).into_bytes()),
    ]
}
