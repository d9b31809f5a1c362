//! `release-links copy`: everything in a SQLite database goes to PostgreSQL and back, or nothing does.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::harness::{Ended, Launch, Request};
use crate::{CLUSTER, serving, user_of};

/// A database with something in every table, and a last link that was deleted again.
const FULL: &str = include_str!("../api/fixtures/schema-1.sql");
const ROOT: &str = "glpat-root-of-the-oldest-database";
const DELETED: u64 = 4;
const TABLES: [&str; 24] = [
    "users",
    "namespaces",
    "namespace_ancestors",
    "group_members",
    "projects",
    "project_members",
    "left_places",
    "removals",
    "tags",
    "releases",
    "release_channels",
    "links",
    "links_to_files",
    "history",
    "ended_steps",
    "burnt_tags",
    "protected_tags",
    "file_bytes",
    "packages",
    "package_files",
    "uploads",
    "keys",
    "tokens",
    "sqlite_sequence",
];

fn full(directory: &TempDir) -> PathBuf {
    let path = directory.path().join("full.db");
    Connection::open(&path).unwrap().execute_batch(FULL).unwrap();
    path
}

fn file(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn copy(from: &str, to: &str) -> Ended {
    Launch::new().bare().arg("copy").arg("--from").arg(from).arg("--to").arg(to).run()
}

/// What a copy that was made has told, without the time it took.
#[track_caller]
fn told(ended: &Ended) -> String {
    // A new schema is told in the log; a bar would be no line of it.
    let only_told = ended.stderr.lines().all(|line| line.contains(" INFO "));
    assert!(ended.code == Some(0) && only_told, "{ended:?}");
    let (tables, last) = ended.stdout.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with("copied ") && last.ends_with(" s; both sides are equal"), "{last}");
    tables.to_owned()
}

#[track_caller]
fn refused(ended: &Ended, reason: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains(reason) && !ended.stderr.contains("panicked"), "no {reason:?} in {ended:?}");
}

/// How many rows of each table stand in the first database and not in the second, or the other way round.
fn differences(first: &Path, second: &Path) -> Vec<(&'static str, i64)> {
    let conn = Connection::open(first).unwrap();
    conn.execute("ATTACH ?1 AS second", [second.to_str().unwrap()]).unwrap();
    let count = |table| {
        let (here, there) = (format!("SELECT * FROM main.{table}"), format!("SELECT * FROM second.{table}"));
        let sql = format!(
            "SELECT (SELECT count(*) FROM ({here} EXCEPT {there})) + (SELECT count(*) FROM ({there} EXCEPT {here}))"
        );
        (table, conn.query_row(&sql, [], |row| row.get(0)).unwrap())
    };
    TABLES.into_iter().map(count).filter(|(_, differences)| *differences > 0).collect()
}

/// The rows of all tables of a database of the cluster.
fn rows(database: &str) -> String {
    let counts: Vec<_> = TABLES[..23].iter().map(|table| format!("(SELECT count(*) FROM {table})")).collect();
    CLUSTER.sql(database, &format!("SELECT {}", counts.join(" + ")))
}

#[test]
fn everything_goes_to_postgresql_and_back_unchanged() {
    let directory = TempDir::new().unwrap();
    let (first, back) = (full(&directory), directory.path().join("new/back.db"));
    // The schema of the file had no channels yet.
    let server = serving(&file(&first)).start();
    let channel = Request::new(server.address(), "PUT", "/api/v4/projects/1/release_channels/stable");
    channel.header("PRIVATE-TOKEN", ROOT).form("tag_name=v1.0.0").send().status(201);
    server.stop();
    let packages = "INSERT INTO file_bytes (id, key, sha256, sha1, md5, size) VALUES (1, 'aa', 'bb', 'cc', 'dd', 5);
        INSERT INTO packages (id, project_id, name, version, status, created_at) VALUES (1, 1, 'a', '1', 'hidden', 5);
        INSERT INTO package_files (id, package_id, name, bytes_id, created_at) VALUES (1, 1, 'b', 1, 6);
        INSERT INTO uploads (id, project_id, secret, name, bytes_id, uploader_id, created_at)
            VALUES (1, 1, 'ee', 'b', 1, 1, 6);
        INSERT INTO links_to_files (link_id, project_id, file) VALUES (1, 1, 'packages/a/1/b')";
    Connection::open(&first).unwrap().execute_batch(packages).unwrap();
    let database = CLUSTER.create_database("round");
    let there = told(&copy(&file(&first), &database));
    for table in ["release_channels", "file_bytes", "packages", "package_files", "uploads", "links_to_files"] {
        assert!(there.contains(&format!("\n{table}\t1\t")), "{table}: {there}");
    }
    let links = there.lines().find(|line| line.starts_with("links\t3\t")).expect("three links");
    assert_eq!(links.rsplit('\t').next().unwrap().len(), 64, "{links}");
    assert_eq!(there.lines().count(), 1 + 23, "a heading and a line for each table: {there}");
    assert_eq!(told(&copy(&database, &file(&back))), there);
    assert_eq!(differences(&first, &back), []);
    // That they would be found, had there been any.
    Connection::open(&back).unwrap().execute_batch("UPDATE links SET path = NULL WHERE id = 1").unwrap();
    assert_eq!(differences(&first, &back), [("links", 2)]);
}

#[test]
fn what_was_copied_is_served_and_no_id_is_given_out_again() {
    let directory = TempDir::new().unwrap();
    let database = CLUSTER.create_database("served");
    told(&copy(&file(&full(&directory)), &database));
    let back = directory.path().join("back.db");
    told(&copy(&database, &file(&back)));
    for url in [&database, &file(&back)] {
        let server = serving(url).start();
        assert_eq!(user_of(&server, ROOT), 200);
        let links = "/api/v4/projects/1/releases/v1.0.0/assets/links";
        let made = Request::new(server.address(), "POST", links).header("PRIVATE-TOKEN", ROOT);
        assert_eq!(made.form("name=next&url=http://next").send().status(201).id(), DELETED + 1, "{url}");
        server.stop();
    }
}

#[test]
fn a_target_that_is_not_empty_is_refused_and_left_as_it_is() {
    let directory = TempDir::new().unwrap();
    let first = full(&directory);
    let database = CLUSTER.create_database("taken");
    told(&copy(&file(&first), &database));
    let before = rows("taken");
    refused(&copy(&file(&first), &database), "the target is not empty: it has 3 rows in users");
    assert_eq!(rows("taken"), before);
    refused(&copy(&database, &file(&first)), "the target is not empty: it has 3 rows in users");
    let aside = TempDir::new().unwrap();
    let again = full(&aside);
    // Which brings it up to date, as it did the first.
    told(&copy(&file(&again), &CLUSTER.create_database("again")));
    // Links remember when that was.
    for database in [&first, &again] {
        assert_eq!(Connection::open(database).unwrap().execute("UPDATE links SET since = 0", []).unwrap(), 3);
    }
    assert_eq!(differences(&first, &again), []);
}

#[test]
fn a_copy_that_fails_midway_leaves_the_target_empty() {
    let directory = TempDir::new().unwrap();
    let first = full(&directory);
    let database = CLUSTER.create_database("midway");
    let spoiled = Connection::open(&first).unwrap();
    // PostgreSQL keeps no text with a NUL; the last table comes last.
    spoiled.execute_batch("UPDATE tokens SET name = 'a' || char(0) WHERE id = 5").unwrap();
    refused(&copy(&file(&first), &database), "the target cannot be written; nothing was copied");
    assert_eq!(rows("midway"), "0");
    spoiled.execute_batch("UPDATE tokens SET name = 'a' WHERE id = 5").unwrap();
    told(&copy(&file(&first), &database));

    CLUSTER.sql("midway", "DROP INDEX links_by_name; UPDATE links SET name = 'the same', release_id = 1");
    let back = directory.path().join("back.db");
    refused(&copy(&database, &file(&back)), "the target cannot be written; nothing was copied");
    let users =
        Connection::open(&back).unwrap().query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0));
    assert_eq!(users, Ok(0));
}

#[test]
fn databases_that_are_none_are_told_by_their_flag_and_passwords_are_not_repeated() {
    let directory = TempDir::new().unwrap();
    let nothing = file(&directory.path().join("nothing.db"));
    refused(&copy(&nothing, &CLUSTER.url("postgres")), "--from: there is no database");
    refused(&copy("mysql://x", &nothing), "--from: must be sqlite:PATH or postgres://");
    refused(&copy(&CLUSTER.url("nowhere"), &nothing), "--from: ");
    let secret = "postgres://user:open-sesame@127.0.0.1:1/x";
    let ended = copy(&file(&full(&directory)), secret);
    refused(&ended, "--to: ");
    assert!(!ended.stderr.contains("open-sesame"), "{ended:?}");
    assert!(!directory.path().join("nothing.db").exists());
}
