//! The attacks: what clients request or hold until told to stop.

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

/// How many connections an attack holds at the same time.
const HELD: usize = 250;

/// Almost the largest body that the server accepts.
const BODY: usize = 1024 * 1024 - 1024;

/// One attack.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    /// Within how many seconds the server must close what is held.
    pub(crate) ended_within: u64,
}

type Run = fn(&World, &AtomicBool) -> Outcome<Outcomes>;

/// The result of an attack, with the connections that it still holds.
#[derive(Default)]
pub(crate) struct Outcomes {
    pub(crate) statuses: BTreeMap<String, usize>,
    pub(crate) bytes: u64,
    pub(crate) held: Vec<TcpStream>,
}

pub(crate) const ATTACKS: &[Attack] = &[
    flooding("releases with many links", |world, stop| {
        Ok(flood(world, stop, 8, |_| Request::get(format!("/api/v4/projects/{}/releases?per_page=100", world.heavy))))
    }),
    flooding("HEAD of such lists", |world, stop| {
        Ok(flood(world, stop, 8, |_| {
            Request::new("HEAD", format!("/api/v4/projects/{}/releases?per_page=100", world.heavy))
        }))
    }),
    flooding("a token with a long name", |world, stop| {
        let draft = json!({"name": "x".repeat(BODY), "scopes": ["api"]}).to_string();
        Ok(flood(world, stop, 4, |_| {
            let target = format!("/api/v4/projects/{}/access_tokens", world.heavy);
            Request::new("POST", target).token(&world.token).json(&draft)
        }))
    }),
    flooding("tags with many rules", |world, stop| {
        Ok(flood(world, stop, 8, |_| {
            Request::get(format!("/api/v4/projects/{}/repository/tags?per_page=100", world.heavy))
        }))
    }),
    flooding("64 searches", |world, stop| {
        Ok(flood(world, stop, 64, |n| Request::get(format!("/api/v4/projects?search=zz{n}"))))
    }),
    flooding("a hidden project's releases", |world, stop| {
        Ok(flood(world, stop, 8, |_| Request::get(format!("/api/v4/projects/{}/releases?per_page=100", world.hidden))))
    }),
    flooding("a long history", |world, stop| {
        Ok(flood(world, stop, 8, |n| {
            let asked = ["page=1", "page=90", "name=zz", "path=/bin/nothing&action=link.delete"][n % 4];
            Request::get(format!("/api/v4/projects/{}/release_history?per_page=100&{asked}", world.heavy))
        }))
    }),
    flooding("bodies with many parameters", |world, stop| {
        let bodies = crowded_bodies();
        Ok(flood(world, stop, 8, |n| {
            let (kind, body) = &bodies[n % bodies.len()];
            let mut request =
                Request::new("POST", world.busy.as_str()).token(&world.token).header("Content-Type", *kind);
            request.body.clone_from(body);
            request
        }))
    }),
    flooding("large releases, created and deleted", |world, stop| {
        Ok(flood(world, stop, 2, |n| {
            let (tag, releases) = (n / 2, format!("/api/v4/projects/{}/releases", world.heavy));
            match n % 2 {
                0 => {
                    Request::new("POST", releases).token(&world.token).json(&release(&format!("new-{tag}"), 1_000, 700))
                }
                _ => Request::new("DELETE", format!("{releases}/new-{tag}")).token(&world.token),
            }
        }))
    }),
    flooding("deletion of a large project", |world, stop| {
        // Delete the project once: it is invisible at once, and its rows are deleted while other requests are served.
        Ok(flood(world, stop, 1, |n| {
            let project = format!("/api/v4/projects/{LARGE_PROJECT}");
            if n == 0 { Request::new("DELETE", project).token(&world.token) } else { Request::get(project) }
        }))
    }),
    flooding("a search of 49,999 letters", |world, stop| {
        let target = format!("/api/v4/projects/{}/repository/tags?search={}", world.heavy, "x".repeat(49_999));
        Ok(flood(world, stop, 8, |_| Request::get(target.as_str())))
    }),
    flooding("a header's name of 64 KiB", |world, stop| {
        let name = "x".repeat(65_536);
        Ok(flood(world, stop, 4, |_| Request::get("/-/liveness").header(&name, "a")))
    }),
    flooding("members of a large group", |world, stop| {
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
    holding("answers read at 2 KiB a second", 20, |world, stop| read_slowly(world, stop, &heavy(world).bytes())),
];

/// Requests the largest answer, and closes the connection after it: otherwise a refused one would be kept for another
/// request.
fn heavy(world: &World) -> Request {
    Request::get(format!("/api/v4/projects/{}/releases?per_page=100", world.heavy)).header("Connection", "close")
}

const fn flooding(name: &'static str, run: Run) -> Attack {
    Attack { name, run, ended_within: 5 }
}

const fn holding(name: &'static str, ended_within: u64, run: Run) -> Attack {
    Attack { name, run, ended_within }
}

/// Sends requests again and again, on `connections` connections at the same time.
fn flood(world: &World, stop: &AtomicBool, connections: usize, request: impl Fn(usize) -> Request + Sync) -> Outcomes {
    let outcomes = Mutex::new(Outcomes::default());
    thread::scope(|scope| {
        for number in 0..connections {
            let (outcomes, request) = (&outcomes, &request);
            scope.spawn(move || {
                let mut client = Client::new(world.server.address);
                let mut round = 0;
                while !stop.load(Ordering::Relaxed) {
                    // Each connection has its own sequence of numbers.
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

/// Holds connections on which a request was begun; if `trickles`, continues it byte by byte.
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

/// Reads as slowly as the server permits.
fn read_slowly(world: &World, stop: &AtomicBool, request: &[u8]) -> Outcome<Outcomes> {
    let mut outcomes = Outcomes::default();
    for _ in 0..HELD / 5 {
        let mut stream = connect(world.server.address)?;
        stream.write_all(request)?;
        stream.set_nonblocking(true)?;
        outcomes.held.push(stream);
    }
    let mut buffer = [0; 2 * 1024];
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_secs(1));
        for stream in &mut outcomes.held {
            outcomes.bytes += stream.read(&mut buffer).unwrap_or(0) as u64;
        }
    }
    outcomes.statuses.insert("read".to_owned(), outcomes.held.len());
    Ok(outcomes)
}

/// Returns a release with `links` links, each with a URL of about `length` bytes.
pub(crate) fn release(tag: &str, links: usize, length: usize) -> Value {
    let links: Vec<Value> = (0..links)
        .map(|n| json!({"name": format!("{n}"), "url": format!("http://{n}/{}", "x".repeat(length))}))
        .collect();
    json!({"tag_name": tag, "assets": {"links": links}})
}

/// Returns bodies with as many parameters as fit.
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
