//! Tests that every statement of a request finds its rows through an index.

use rusqlite::types::Null;
use rusqlite::{Connection, params_from_iter};

use crate::tables::{
    burnt_tags, channels, file_bytes, history, keys, left_places, links, links_to_files, members, namespaces, newest,
    packages, projects, protected_tags, releases, removals, tags, tokens, uploads, users,
};
use crate::{health, hiding, migrations, removing, sweeping, view};

/// Returns the query plan, one line per table.
fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![Null; statement.parameter_count()];
    statement.query_map(params_from_iter(nulls), |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Scanning a subquery is fine: an index has already found its few rows. So is scanning a list that the request sent.
fn scans_a_table(step: &str) -> bool {
    let harmless = ["SCAN (subquery", "SCAN CONSTANT ROW", "SCAN json_each", "SCAN held"];
    step.starts_with("SCAN") && !harmless.iter().any(|scan| step.starts_with(scan))
}

#[test]
fn no_statement_scans_a_table_or_sorts() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    migrations::migrate(&mut conn).unwrap();
    assert!(scans_a_table(&plan(&conn, "SELECT * FROM links WHERE url = ?1")[0]));

    let all = [
        crate::members::reading::STATEMENTS,
        crate::tokens::bots::STATEMENTS,
        crate::tokens::jobs::STATEMENTS,
        crate::tokens::rotation::STATEMENTS,
        crate::users::changing::STATEMENTS,
        burnt_tags::STATEMENTS,
        channels::STATEMENTS,
        file_bytes::STATEMENTS,
        health::STATEMENTS,
        hiding::STATEMENTS,
        history::STATEMENTS,
        left_places::STATEMENTS,
        links::STATEMENTS,
        links_to_files::STATEMENTS,
        members::STATEMENTS,
        namespaces::STATEMENTS,
        newest::STATEMENTS,
        packages::STATEMENTS,
        projects::STATEMENTS,
        protected_tags::STATEMENTS,
        releases::STATEMENTS,
        removals::STATEMENTS,
        removing::STATEMENTS,
        sweeping::STATEMENTS,
        tags::STATEMENTS,
        keys::STATEMENTS,
        tokens::STATEMENTS,
        uploads::STATEMENTS,
        users::STATEMENTS,
        view::STATEMENTS,
    ];
    let listings =
        [users::listings(), crate::tokens::lists::listings(), namespaces::listings(), projects::listings()].concat();
    for sql in all.into_iter().flatten().copied().chain(listings.iter().map(String::as_str)) {
        let plan = plan(&conn, sql);
        let slow = plan.iter().any(|step| scans_a_table(step) || step.contains("FOR ORDER BY"));
        assert!(!slow, "{sql}\n{plan:#?}");
    }
    for sql in
        [crate::tokens::lists::sorted_listings(), namespaces::sorted_listings(), projects::sorted_listings()].concat()
    {
        let plan = plan(&conn, &sql);
        assert!(!plan.iter().any(|step| scans_a_table(step)), "{sql}\n{plan:#?}");
    }
}
