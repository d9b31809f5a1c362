//! The database is gone or does not answer: requests are told so in time, no restart is needed, and all is well once the
//! database is back.

use std::sync::Arc;

use release_links_cluster::Cluster;
use serde_json::json;

use crate::ground::{is_unavailable, on, own_cluster, wait_until};
use crate::harness::{Api, Request, Visibility};

const CONNECTIONS: usize = 2;

/// How many connections are open to a port, seen from those who made them.
fn open_to(port: u16) -> usize {
    let (port, open) = (format!(":{port:04X}"), "01");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.filter(|columns| columns[2].ends_with(&port) && columns[3] == open).count()
}

/// Takes the database away and brings it back, under a server.
fn outage(go: impl Fn(&Cluster), come_back: impl Fn(&Cluster)) {
    let (cluster, url) = own_cluster(&[]);
    let server = on(&url).arg("--database-timeout").arg("1").arg("--database-connections").arg(CONNECTIONS.to_string());
    let server = Arc::new(server.start());
    let api = Api::on(&server, Visibility::Public);
    let link = json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" });
    let link = api.link(api.create(&link).status(201).id());
    let path = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    let (before, draft) = (api.snapshot(), json!({ "name": "b", "url": "http://b" }));
    let health = |target: &str| Request::new(server.address(), "GET", target).send();
    for target in ["/-/readiness", "/-/liveness", "/-/health"] {
        health(target).status(200);
    }

    go(&cluster);
    let admin = api.admin();
    for request in [
        api.anonymous().get(&link),
        admin.get(api.links()),
        api.anonymous().get(&path),
        admin.post(api.links()).json(&draft),
        admin.put(&link).json(&draft),
        admin.delete(&link),
        admin.post(api.releases()).json(json!({ "tag_name": "v2" })),
    ] {
        is_unavailable(&request.send());
    }
    is_unavailable(&health("/-/readiness"));
    health("/-/liveness").status(200);
    health("/-/health").status(200);

    wait_until("no attempt to connect that was given up goes on", || open_to(cluster.port()) <= CONNECTIONS);

    come_back(&cluster);
    health("/-/readiness").status(200);
    assert_eq!(api.snapshot(), before);
    api.create(&draft).status(201);
}

#[test]
fn a_database_that_is_shut_down_is_told_and_found_again() {
    outage(Cluster::stop, Cluster::start_again);
}

#[test]
fn a_database_that_is_killed_is_told_and_found_again() {
    outage(Cluster::kill, Cluster::start_again);
}

#[test]
fn a_database_that_is_frozen_is_told_and_found_again() {
    outage(Cluster::freeze, Cluster::thaw);
}

#[test]
fn no_cause_of_an_outage_shows_the_password() {
    let (cluster, url) = own_cluster(&[]);
    let url = url.replace("postgres@", "postgres:a-secret-word@");
    let server = on(&url).env("RELEASE_LINKS_LOG", "debug").start();
    cluster.kill();
    is_unavailable(&Request::new(server.address(), "GET", "/-/readiness").send());
    // Lines about requests may wait for others; at the end all are there.
    server.stop();
    assert!(server.stderr().contains("status=503"), "{}", server.stderr());
    assert!(!server.stderr().contains("a-secret-word"), "{}", server.stderr());
}
