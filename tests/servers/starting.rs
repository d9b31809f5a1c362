//! How servers start on a database that others start on as well, or that is not there yet.

use std::fs;

use crate::ground::{on, own_cluster};
use crate::harness::database::{cluster, on_a_server};
use crate::harness::{Launch, Request, Server};

const SERVERS: usize = 8;

fn all_at_once(launch: &Launch) -> Vec<Server> {
    let starting: Vec<_> = (0..SERVERS).map(|_| launch.begin()).collect();
    starting.into_iter().map(|server| server.listening()).collect()
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

#[test]
fn of_many_servers_that_start_at_once_on_an_empty_database_one_makes_root_and_all_serve() {
    let url = on_a_server();
    let launch = on(&url).without_root_token();
    let servers = all_at_once(&launch);
    assert_eq!(servers.iter().filter(|server| server.stdout().contains("its token is in ")).count(), 1);
    let file = launch.directory().join("release-links.root-token");
    let token = fs::read_to_string(&file).unwrap();
    let token = token.trim_end();
    fs::remove_file(&file).unwrap();
    for server in &servers {
        let user = Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", token).send();
        assert_eq!(user.status(200).json()["username"], "root");
    }
    assert_eq!(cluster().sql(name(&url), "SELECT count(*) FROM users"), "1");
    drop(servers);

    let again = all_at_once(&launch);
    assert!(!file.exists());
    for server in &again {
        Request::new(server.address(), "GET", "/api/v4/user").header("PRIVATE-TOKEN", token).send().status(200);
    }
}

#[test]
fn a_server_waits_for_its_database_without_showing_the_password_and_serves_once_it_is_there() {
    let (cluster, url) = own_cluster(&[]);
    let url = url.replace("postgres@", "postgres:a-secret-word@");
    cluster.stop();
    let starting = on(&url).start_until("waiting for the database");
    cluster.start_again();
    let server = starting.listening();
    Request::new(server.address(), "GET", "/-/readiness").send().status(200);
    server.stop();
    assert!(!(server.stdout() + &server.stderr()).contains("a-secret-word"), "{}", server.stderr());
}
