//! Sends random requests to every route, and checks what must hold for every answer.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::http::{Answer, Client, Request};
use crate::requests::{Tokens, request};
use crate::server::{ROOT, Server};
use crate::{Outcome, Verdict};

/// How many requests one database gets: by then most of its content is deleted.
const ROUND: usize = 2_000;

/// Longer than any answer takes, unless the server hangs.
const SLOWEST: Duration = Duration::from_secs(5);

const STATUSES: [u16; 17] = [200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 409, 413, 415, 431, 503];

/// How many failures are reported before the rest is omitted.
const ENOUGH: usize = 20;

pub(crate) fn fuzz(binary: &Path, seconds: u64, seed: u64) -> Outcome<Verdict> {
    let mut verdict = Verdict::default();
    for seed in [seed, fastrand::u64(..)] {
        println!("seed {seed}");
        let mut statuses = BTreeMap::new();
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut random = Rng::with_seed(seed);
        while Instant::now() < until && verdict.failures.len() < ENOUGH {
            round(binary, &mut random, until, &mut statuses, &mut verdict)?;
        }
        println!("answers by status: {statuses:?}");
        for status in [200, 201, 302, 400, 401, 403, 404, 405, 415] {
            if !statuses.contains_key(&status) {
                verdict.failures.push(format!("no request was answered with {status}"));
            }
        }
    }
    Ok(verdict)
}

fn round(
    binary: &Path,
    random: &mut Rng,
    until: Instant,
    statuses: &mut BTreeMap<u16, usize>,
    verdict: &mut Verdict,
) -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let database = format!("sqlite:{}", directory.path().join("fuzz.db").display());
    let log = directory.path().join("log");
    let server = Server::real(binary, &database, &log)?;
    let mut client = Client::new(server.address);
    let tokens = provision(&mut client)?;
    for _ in 0..ROUND {
        if Instant::now() > until || verdict.failures.len() >= ENOUGH {
            break;
        }
        let request = request(random, &tokens);
        let began = Instant::now();
        match client.ask(&request) {
            Ok(answer) => {
                *statuses.entry(answer.status).or_default() += 1;
                let faults = faults(&request, &answer, &tokens, began.elapsed());
                verdict.passed += usize::from(faults.is_empty());
                verdict.failures.extend(faults.iter().map(|fault| told(fault, &request, &answer)));
            }
            Err(error) => verdict.failures.push(format!("{error}: {}", shown(&request.bytes()))),
        }
    }
    server.stop()?;
    let log = std::fs::read_to_string(log)?;
    if log.contains("panicked") {
        verdict.failures.push("a panic in the log".to_owned());
    }
    if tokens.all.iter().any(|token| log.contains(token.as_str())) {
        verdict.failures.push("a token in the log".to_owned());
    }
    Ok(())
}

/// The content types of pages, feeds, badges, the stylesheet, and checksum files.
const FOR_PEOPLE: [&str; 5] = [
    "text/html; charset=utf-8",
    "application/atom+xml; charset=utf-8",
    "image/svg+xml; charset=utf-8",
    "text/css; charset=utf-8",
    "text/plain; charset=utf-8",
];

/// Returns which invariants an answer violates.
fn faults(request: &Request, answer: &Answer, tokens: &Tokens, took: Duration) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, fault: &str| {
        if !holds {
            faults.push(fault.to_owned());
        }
    };
    must(STATUSES.contains(&answer.status), "a status that is not in the contract");
    must(took < SLOWEST, "it took too long");
    if answer.status != 431 {
        must(answer.header("cache-control") == Some("max-age=0, private, must-revalidate"), "Cache-Control");
        must(answer.header("x-content-type-options") == Some("nosniff"), "X-Content-Type-Options");
        must(answer.header("x-request-id").is_some(), "no request id");
    }
    let is_head = request.method == "HEAD";
    let kind = answer.header("content-type").unwrap_or_default();
    let on_the_web = !request.target.trim_start_matches('/').starts_with("api/");
    let is_for_people = on_the_web && FOR_PEOPLE.contains(&kind);
    // What is in a file is up to whoever has published it.
    let is_file = kind == "application/octet-stream" && answer.header("x-checksum-sha256").is_some();
    if !answer.body.is_empty() && !is_file {
        must(is_for_people || kind == "application/json", "Content-Type");
        let is_json = serde_json::from_slice::<Value>(&answer.body).is_ok();
        must(is_json != is_for_people, "a body that is not of its type");
    }
    if answer.status >= 400 && answer.status != 431 && !is_head && !is_for_people {
        let body = answer.json();
        must(body.get("error").is_some() || body.get("message").is_some(), "an error without a message");
    }
    must(answer.status != 405 || answer.header("allow").is_some(), "405 without Allow");
    must(answer.status != 503 || answer.header("retry-after").is_some(), "503 without Retry-After");
    must(!matches!(answer.status, 301 | 302) || answer.header("location").is_some(), "a redirect without a location");
    let head = format!("{:?}", answer.headers);
    let body = String::from_utf8_lossy(&answer.body);
    let shows = |text: &str| tokens.all.iter().any(|token| text.contains(token.as_str()));
    must(!shows(&head) && (is_file || !shows(&body)), "a token that was sent is in the answer");
    let makes = request.method == "POST" && request.target.contains("token");
    must(makes || is_file || !(body.contains("glpat-") || body.contains("glcbt-")), "a token is in the answer");
    faults
}

fn told(fault: &str, request: &Request, answer: &Answer) -> String {
    format!("{fault}: {} -> {} {}", shown(&request.bytes()), answer.status, shown(&answer.body))
}

fn shown(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes).chars().take(600).collect();
    format!("{text:?}")
}

/// Creates users of every kind with their tokens, a group, and projects with releases and links.
fn provision(client: &mut Client) -> Outcome<Tokens> {
    let mut all = vec![ROOT.to_owned()];
    let mut post = |target: String, body: Value| -> Outcome<Value> {
        let answer = client.ask(&Request::new("POST", target.clone()).token(ROOT).json(&body))?;
        if answer.status == 201 { Ok(answer.json()) } else { Err(format!("{target}: {}", answer.status).into()) }
    };
    let mut users = Vec::new();
    for name in ["ann", "bob", "cid"] {
        let user = json!({"username": name, "name": name, "email": format!("{name}@example.com")});
        users.push(post("/api/v4/users".to_owned(), user)?["id"].clone());
    }
    let group = post("/api/v4/groups".to_owned(), json!({"name": "G", "path": "g", "visibility": "public"}))?;
    for (visibility, name) in [("public", "open"), ("private", "shut"), ("internal", "half")] {
        let draft = json!({"name": name, "path": name, "namespace_id": group["id"], "visibility": visibility});
        let project = post("/api/v4/projects".to_owned(), draft)?["id"].clone();
        for (user, level) in users.iter().zip([40, 30, 10]) {
            let member = json!({"user_id": user, "access_level": level});
            post(format!("/api/v4/projects/{project}/members"), member)?;
        }
        let links: Vec<Value> = (0..30)
            .map(|n| json!({"name": n, "url": format!("http://{n}"), "direct_asset_path": format!("/bin/app-{n}")}))
            .collect();
        for tag in ["v1.0.0", "v1.1.0", "a/b"] {
            let release = json!({"tag_name": tag, "assets": {"links": links}});
            post(format!("/api/v4/projects/{project}/releases"), release)?;
        }
        let token = json!({"name": "bot", "scopes": ["api"], "access_level": 30});
        all.push(text(&post(format!("/api/v4/projects/{project}/access_tokens"), token)?["token"]));
        let job = post(format!("/api/v4/projects/{project}/job_tokens"), json!({}))?;
        all.push(text(&job["token"]));
    }
    for user in &users {
        for (scope, expires) in [("api", None), ("read_api", None), ("api", Some("2020-01-01"))] {
            let token = json!({"name": "t", "scopes": [scope], "expires_at": expires});
            all.push(text(&post(format!("/api/v4/users/{user}/personal_access_tokens"), token)?["token"]));
        }
    }
    Ok(Tokens { all })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
