//! How the server and its commands start on a PostgreSQL database.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use release_links_cluster::Cluster;
use serde_json::json;

use crate::harness::{Launch, ROOT_TOKEN, Request, Server};
use crate::{CLUSTER, serving, user_of};

const PASSWORD: &str = "open-sesame";

/// The URL of a database, entered by a user who has a password.
fn url(user: &str, database: &str) -> String {
    format!("postgres://{user}:{PASSWORD}@127.0.0.1:{}/{database}", CLUSTER.port())
}

/// Asserts that it ended at once, with code 1, and said why.
#[track_caller]
fn refused(url: &str, reason: &str) {
    let ended = serving(url).run();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(reason), "no {reason:?} in {ended:?}");
    for word in ["panicked", "waiting", PASSWORD] {
        assert!(!ended.stderr.contains(word), "{ended:?}");
    }
}

#[test]
fn a_token_made_or_revoked_on_the_command_line_counts_on_every_server_at_the_next_request() {
    let database = CLUSTER.create_database("commands");
    let servers = [serving(&database).start(), serving(&database).start()];
    let command = |words: &[&str]| {
        let launch = words.iter().fold(Launch::new().bare().arg("token"), |launch, word| launch.arg(*word));
        let ended = launch.arg("--database").arg(&database).run();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
        ended.stdout
    };
    let token = command(&["create", "--user", "root", "--scopes", "api"]);
    assert_eq!(servers.each_ref().map(|server| user_of(server, token.trim())), [200, 200]);
    command(&["revoke", "--id", "2"]);
    assert_eq!(servers.each_ref().map(|server| user_of(server, token.trim())), [401, 401]);
    assert!(command(&["list", "--user", "root"]).contains("\trevoked\t"));
    servers.iter().for_each(Server::stop);
}

#[test]
fn tags_that_an_older_server_wrote_are_listed_by_version_after_the_next_start() {
    let database = CLUSTER.create_database("versions");
    let server = serving(&database).start();
    let request = |server: &Server, method: &str, target: &str| {
        Request::new(server.address(), method, target).header("PRIVATE-TOKEN", ROOT_TOKEN)
    };
    let project = request(&server, "POST", "/api/v4/projects").json(json!({ "name": "hello" })).send().status(201).id();
    server.stop();
    for name in ["v1.9.1", "nightly", "v1.10.0"] {
        let add = format!("INSERT INTO tags (project_id, name, created_at) VALUES ({project}, '{name}', 0)");
        CLUSTER.sql("versions", &add);
    }
    let server = serving(&database).start();
    let list = format!("/api/v4/projects/{project}/repository/tags?order_by=version");
    let tags = request(&server, "GET", &list).send().status(200).json();
    let names: Vec<_> = tags.as_array().unwrap().iter().map(|tag| tag["name"].clone()).collect();
    assert_eq!(names, ["v1.10.0", "v1.9.1", "nightly"]);
    server.stop();
}

#[test]
fn a_database_that_has_no_room_yet_is_waited_for() {
    let _ = CLUSTER.create_database("full");
    CLUSTER.sql("full", &format!("CREATE ROLE late LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 0"));
    CLUSTER.sql("full", "ALTER DATABASE \"full\" OWNER TO late; ALTER SCHEMA public OWNER TO late");
    let waiting = serving(&url("late", "full")).start_until("waiting for the database");
    assert!(waiting.stderr().contains(&format!("127.0.0.1:{}", CLUSTER.port())), "{}", waiting.stderr());
    assert!(!waiting.stderr().contains(PASSWORD), "{}", waiting.stderr());
    CLUSTER.sql("full", "ALTER ROLE late CONNECTION LIMIT 50");
    assert_eq!(user_of(&waiting.listening(), ROOT_TOKEN), 200);
}

#[test]
fn what_waiting_would_not_mend_is_told_at_once() {
    refused(&url("postgres", "nowhere"), "database \"nowhere\" does not exist");
    refused(&url("nobody", "postgres"), "role \"nobody\" does not exist");

    let rules = CLUSTER.data().join("pg_hba.conf");
    let rule = format!("host all locked 127.0.0.1/32 scram-sha-256\n{}", fs::read_to_string(&rules).unwrap());
    fs::write(&rules, rule).unwrap();
    CLUSTER.sql("postgres", "CREATE ROLE locked LOGIN PASSWORD 'another'");
    CLUSTER.sql("postgres", "SELECT pg_reload_conf()");
    refused(&url("locked", "postgres"), "password authentication failed");
}

#[test]
fn the_password_may_be_in_libpqs_file() {
    let cluster = Cluster::start();
    let url = cluster.create_database("filed");
    cluster.sql("filed", &format!("ALTER ROLE postgres PASSWORD '{PASSWORD}'"));
    fs::write(cluster.data().join("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n").unwrap();
    cluster.sql("filed", "SELECT pg_reload_conf()");
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    fs::write(&file, format!("127.0.0.1:{}:filed:postgres:{PASSWORD}\n", cluster.port())).unwrap();
    let (named, found) =
        (serving(&format!("{url}?passfile={}", file.display())), serving(&url).env("HOME", home.path()));

    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    assert!(named.run().stderr.contains("others may read it"));
    let ended = found.run();
    assert!(ended.stderr.contains("the password file is not used"), "{ended:?}");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    for launch in [named, found] {
        let server = launch.start();
        assert_eq!(user_of(&server, ROOT_TOKEN), 200);
        server.stop();
        assert!(!server.stderr().contains(PASSWORD), "{}", server.stderr());
    }
}

#[test]
fn a_database_that_is_not_as_we_need_it_is_refused_and_left_as_it_was() {
    let _ = CLUSTER.create_database("diary");
    CLUSTER.sql("diary", "CREATE TABLE days (text TEXT)");
    refused(&url("postgres", "diary"), "has tables of another program");
    assert_eq!(CLUSTER.sql("diary", "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), "days");

    CLUSTER.sql("postgres", "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0");
    refused(&url("postgres", "bytes"), "must be in the encoding UTF8, it is in SQL_ASCII");

    let newer = CLUSTER.create_database("newer");
    serving(&newer).start().stop();
    CLUSTER.sql(
        "newer",
        "INSERT INTO refinery_schema_history SELECT 999, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1",
    );
    let dump = |table| CLUSTER.sql("newer", &format!("SELECT count(*) FROM {table}"));
    let before = (dump("users"), dump("refinery_schema_history"));
    refused(&url("postgres", "newer"), "created by a newer version of release-links: its schema version is 999");
    assert_eq!((dump("users"), dump("refinery_schema_history")), before);
}
