//! The matrix of docs/contract.md, "Permissions" and "Credentials": caller x project x tag x endpoint.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::json;

use super::callers::{Team, Who, Width};
use super::endpoints::{ENDPOINTS, Endpoint};
use super::expected::{Intent, Outcome, Releases, Tag, expected};
use super::projects::{Project, TAGS, provision};
use super::wire::Connection;
use super::{Report, server, unlike};
use crate::harness::Server;

/// More than there are cores: while one waits for its answer, another asks.
const THREADS: usize = 4;

struct Case<'a> {
    project: &'a Project,
    who: &'a Who,
    tag: Tag,
    endpoint: &'static Endpoint,
}

impl Case<'_> {
    fn name(&self) -> String {
        let Endpoint { method, route, .. } = self.endpoint;
        format!("{} | {} | {:?} | {method} {route}", self.who.name, self.project.name, self.tag)
    }
}

fn cases(projects: &[Project]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for project in projects {
        for who in project.callers.iter().filter(|who| who.width > Width::Once || project.is_ordinary()) {
            for endpoint in &ENDPOINTS {
                let tags = tags(project, who, endpoint);
                cases.extend(tags.iter().map(|&tag| Case { project, who, tag, endpoint }));
            }
        }
    }
    cases
}

/// On which kinds of tag this is tried: protection and what is immutable bear on writes only, where there are any.
fn tags(project: &Project, who: &Who, endpoint: &Endpoint) -> &'static [Tag] {
    const ONE: &[Tag] = &[Tag::Unprotected];
    const TWO: &[Tag] = &[Tag::Unprotected, Tag::Immutable];
    const THREE: &[Tag] = &[Tag::Unprotected, Tag::Maintainers, Tag::Immutable];
    let writable = !project.rules.archived && project.rules.releases != Releases::Disabled;
    if !writable || !endpoint.names_a_tag() {
        return ONE;
    }
    match (endpoint.intent(), who.width) {
        (Intent::Read, Width::Once | Width::EveryProject) => ONE,
        (Intent::Write, Width::Once) => TWO,
        (Intent::Read, Width::EveryTag) | (Intent::Write, Width::EveryProject) => THREE,
        (Intent::Write, Width::EveryTag) => &TAGS,
    }
}

/// What was written, to be compared with what there is in the end.
#[derive(Default)]
struct Written {
    links: BTreeMap<(u64, String), u64>,
    releases: BTreeMap<u64, u64>,
    tags: BTreeMap<u64, u64>,
}

impl Written {
    fn note(&mut self, case: &Case<'_>) {
        let project = case.project.id;
        let Endpoint { method, route, .. } = case.endpoint;
        match (*method, route.rsplit('/').next()) {
            ("POST", Some("links")) => *self.links.entry((project, case.tag.fixture())).or_default() += 1,
            ("POST", Some("releases")) | ("PUT", Some("immutable")) => {
                *self.releases.entry(project).or_default() += 1;
                *self.tags.entry(project).or_default() += 1;
            }
            // The tag of a release stays when the release goes.
            ("DELETE", Some(":tag_name")) if route.contains("/releases/") => {
                *self.tags.entry(project).or_default() += 1;
            }
            _ => {}
        }
    }
}

struct Run<'a> {
    server: &'a Server,
    cases: Vec<Case<'a>>,
    next: AtomicUsize,
    /// Answers to requests for what does not exist, by caller and endpoint: each is asked once.
    nothing: Mutex<HashMap<String, String>>,
    written: Mutex<Written>,
    report: Mutex<Report>,
}

impl Run<'_> {
    /// Takes case after case until none is left.
    fn work(&self) {
        let mut connection = Connection::new(self.server.address());
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = self.cases.get(number) else { return };
            if let Some(fault) = self.try_case(&mut connection, case, number) {
                self.report.lock().unwrap().fault(&case.name(), &fault);
            }
        }
    }

    fn try_case(&self, connection: &mut Connection, case: &Case<'_>, number: usize) -> Option<String> {
        let Case { project, who, tag, endpoint } = case;
        let who_is_seen = who.seen_by(endpoint.accepts_basic());
        let outcome = expected(&who_is_seen, project.rules, *tag, endpoint.intent(), endpoint.does());
        let shot = endpoint.shot(connection, project, *tag, number, outcome != Outcome::Done);
        let answer = connection.ask(who.credential.as_ref(), &shot);
        let Some((status, body)) = outcome.refusal() else {
            self.written.lock().unwrap().note(case);
            return unlike(&answer, endpoint.done, None).or_else(|| endpoint.amiss(project, *tag, &answer));
        };
        let body = if endpoint.method == "HEAD" { "" } else { body };
        let fault = unlike(&answer, status, Some(body).filter(|_| !endpoint.is_page()));
        if fault.is_some() || outcome != Outcome::Hidden {
            return fault;
        }
        let nothing = self.nothing(connection, case, number);
        let hidden = super::visible(&answer);
        (hidden != nothing).then(|| format!("hidden is {hidden}\n    but absent {nothing}"))
    }

    /// What this caller gets from this endpoint of a project that does not exist.
    fn nothing(&self, connection: &mut Connection, case: &Case<'_>, number: usize) -> String {
        let Endpoint { method, route, .. } = case.endpoint;
        let key = format!("{method} {route} {} {}", number % 2, case.who.name);
        if let Some(known) = self.nothing.lock().unwrap().get(&key) {
            return known.clone();
        }
        let shot = case.endpoint.shot_at_nothing(case.tag, number);
        let answer = super::visible(&connection.ask(case.who.credential.as_ref(), &shot));
        self.nothing.lock().unwrap().insert(key, answer.clone());
        answer
    }
}

/// Counts what the projects hold in the end: a write that was refused has left nothing behind.
fn audit(root: &mut Connection, project: &Project, written: &Written, report: &mut Report) {
    let api = format!("/api/v4/projects/{}", project.id);
    if project.rules.archived {
        root.root("POST", format!("{api}/unarchive"), json!(null));
    }
    root.root("PUT", api.clone(), json!({ "releases_access_level": "enabled" }));
    let count = |key: Option<&u64>| key.copied().unwrap_or_default();
    let fixtures = TAGS.len() as u64;
    let mut expected = vec![
        (format!("{api}/releases"), fixtures + count(written.releases.get(&project.id))),
        (format!("{api}/release_channels"), fixtures),
        (format!("{api}/repository/tags"), fixtures + count(written.tags.get(&project.id))),
    ];
    for tag in TAGS {
        let tag = tag.fixture();
        let links = count(written.links.get(&(project.id, tag.clone())));
        expected.push((format!("{api}/releases/{tag}/assets/links"), 1 + links));
    }
    for (target, expected) in expected {
        let answer = root.root("GET", format!("{target}?per_page=1"), json!(null));
        let total = answer.header("x-total").unwrap_or("nothing").to_owned();
        if total != expected.to_string() {
            report.fault(&format!("{} | in the end", project.name), &format!("{target} holds {total}, not {expected}"));
        }
    }
}

#[test]
fn every_caller_gets_on_every_project_tag_and_endpoint_what_the_contract_says() {
    let started = Instant::now();
    let server = server();
    let mut root = Connection::new(server.address());
    let team = Team::provision(&mut root, "matrix");
    let projects = provision(&mut root, &team);
    let run = Run {
        server: &server,
        cases: cases(&projects),
        next: AtomicUsize::new(0),
        nothing: Mutex::default(),
        written: Mutex::default(),
        report: Mutex::default(),
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| run.work());
        }
    });
    let written = run.written.into_inner().unwrap();
    let mut report = run.report.into_inner().unwrap();
    // The server has long closed the first one.
    let mut root = Connection::new(server.address());
    for project in &projects {
        audit(&mut root, project, &written, &mut report);
    }
    report.conclude("permissions on releases, links and tags", run.cases.len(), started);
}
