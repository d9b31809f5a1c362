//! Tests that every statement of a request finds its rows through an index. It needs `PostgreSQL`: `tests/run postgres`
//! runs it.

use std::collections::HashMap;

use release_links_cluster::Cluster;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::tables::{
    burnt_tags, channels, file_bytes, history, keys, left_places, links, links_to_files, members, namespaces, newest,
    packages, projects, protected_tags, releases, removals, tags, tokens, uploads, users,
};
use crate::view::Viewed;
use crate::{PostgresStore, health, hiding, monitoring, removing, sweeping, view};

/// Plans for unknown parameters, like those of prepared statements that run often, which scan a table only if there is
/// no index.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";

/// The first column or expression of each index.
const LEADING: &str =
    "SELECT relname, pg_get_indexdef(indexrelid, 1, true) FROM pg_index JOIN pg_class ON oid = indexrelid";

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(SETTINGS).await.unwrap();
    client
}

async fn rows(client: &Client, sql: &str) -> Vec<Vec<String>> {
    let messages = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect())
        }
        _ => None,
    });
    rows.collect()
}

/// Returns the query plan, one line per step and condition.
async fn plan(client: &Client, sql: &str) -> Vec<String> {
    let parameters = client.prepare(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}")).params().len();
    client.batch_execute(&format!("PREPARE explained AS {sql}")).await.unwrap();
    let nulls = if parameters == 0 { String::new() } else { format!("({})", vec!["NULL"; parameters].join(", ")) };
    let lines = rows(client, &format!("EXPLAIN (COSTS OFF) EXECUTE explained{nulls}")).await;
    client.batch_execute("DEALLOCATE explained").await.unwrap();
    lines.into_iter().flatten().collect()
}

/// Returns the steps that read a whole table or index: those with no condition on the index's first column, or with no
/// condition at all and no limit.
fn scans<'a>(plan: &'a [String], leading: &HashMap<String, String>) -> Vec<&'a str> {
    let steps = plan.iter().enumerate().filter(|(_, line)| line.contains("Scan"));
    let slow = steps.filter(|(at, step)| {
        let Some(index) = step.split_once("Index Scan").or_else(|| step.split_once("Index Only Scan")) else {
            return step.contains("Seq Scan");
        };
        // "Bitmap Index Scan on INDEX", or "Index Scan Backward using INDEX on TABLE".
        let name = index.1.split_whitespace().find(|word| !["Backward", "using", "on"].contains(word)).unwrap();
        match plan.get(at + 1).filter(|line| line.contains("Index Cond:")) {
            Some(condition) => !condition.contains(&format!("({} ", leading[name])),
            None => !is_limited(&plan[..=*at]),
        }
    });
    slow.map(|(_, step)| step.trim()).collect()
}

/// Returns whether a limit is above the last of these steps.
fn is_limited(plan: &[String]) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut inner = usize::MAX;
    for line in plan.iter().rev().filter(|line| line.contains("->") || indent(line) == 0) {
        if indent(line) < inner {
            inner = indent(line);
            if line.trim_start().trim_start_matches("->  ") == "Limit" {
                return true;
            }
        }
    }
    false
}

/// Returns whether the plan sorts rows, other than those of a page, which are few and already in order.
fn sorts(plan: &[String]) -> bool {
    let by_number = ["Sort Key: (row_number() OVER (?))", "Sort Key: asked.number"];
    plan.iter().any(|line| line.contains("Sort Key: ") && !by_number.iter().any(|key| line.contains(key)))
}

#[test]
fn no_statement_scans_a_table_and_no_list_of_links_or_releases_sorts() {
    let cluster = Cluster::start();
    let url = cluster.create_database("plans");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(check(&url));
}

async fn check(url: &str) {
    PostgresStore::open(&url.parse().unwrap()).await.unwrap();
    let client = connect(url).await;
    client.batch_execute(include_str!("plans.sql")).await.unwrap();
    let leading: HashMap<_, _> =
        rows(&client, LEADING).await.into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect();
    for slow in
        ["SELECT * FROM links WHERE link_type = $1", "SELECT * FROM links WHERE url = $1", "SELECT id FROM links"]
    {
        let plan = plan(&client, slow).await;
        assert_eq!(scans(&plan, &leading).len(), 1, "{slow}\n{plan:#?}");
    }
    assert!(sorts(&plan(&client, "SELECT * FROM links WHERE release_id = $1 ORDER BY url || name").await));

    let mut slow = Vec::new();
    for sql in
        [users::listings(), crate::tokens::lists::listings(), namespaces::listings(), projects::listings()].concat()
    {
        let plan = plan(&client, &sql).await;
        if sorts(&plan) || !scans(&plan, &leading).is_empty() {
            slow.push(format!("{sql}\n{}", plan.join("\n")));
        }
    }
    let sorted =
        [crate::tokens::lists::sorted_listings(), namespaces::sorted_listings(), projects::sorted_listings()].concat();
    let for_bearers = forms(&[links::VIEWS]).into_iter().map(with_bearer).collect::<Vec<_>>();
    let made = sorted.iter().chain(&for_bearers).map(String::as_str);
    for sql in all_statements().into_iter().chain(made) {
        let plan = plan(&client, sql).await;
        let scans = scans(&plan, &leading);
        if !scans.is_empty() {
            slow.push(format!("{sql}\n{}\n{}", scans.join("\n"), plan.join("\n")));
        }
    }
    for sql in forms(&[
        channels::VIEWS,
        &[history::LIST, history::LIST_OF_TAG],
        links::VIEWS,
        newest::VIEWS,
        &[packages::LIST, packages::LIST_FILES],
        releases::VIEWS,
        tags::VIEWS,
        protected_tags::VIEWS,
        uploads::VIEWS,
    ]) {
        let plan = plan(&client, sql).await;
        if sorts(&plan) {
            slow.push(format!("{sql}\n{}", plan.join("\n")));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n\n"));
}

fn all_statements() -> Vec<&'static str> {
    let statements = [
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
        &[crate::journal::HEAD, crate::journal::RECORD, crate::journal::LEAD, crate::journal::UNLEAD],
        left_places::STATEMENTS,
        links::STATEMENTS,
        links_to_files::STATEMENTS,
        members::STATEMENTS,
        monitoring::STATEMENTS,
        namespaces::STATEMENTS,
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
    ];
    let views = [
        crate::members::reading::VIEWS,
        crate::tokens::jobs::VIEWS,
        crate::tokens::lists::VIEWS,
        channels::VIEWS,
        history::VIEWS,
        links::VIEWS,
        namespaces::VIEWS,
        newest::VIEWS,
        packages::VIEWS,
        projects::VIEWS,
        protected_tags::VIEWS,
        releases::VIEWS,
        tags::VIEWS,
        tokens::VIEWS,
        uploads::VIEWS,
        view::VIEWS,
    ];
    [statements.concat(), forms(&views)].concat()
}

/// Returns a view that also finds the bearer of a token, after all parameters that it has.
fn with_bearer(view: &str) -> String {
    let values = (1..100).take_while(|number| view.contains(&format!("${number}"))).count();
    tokens::with_bearer(view, values)
}

/// Returns both forms of each view: by id and by path.
fn forms(views: &[&[Viewed]]) -> Vec<&'static str> {
    views.concat().into_iter().flat_map(|Viewed { by_id, by_path }| [by_id, by_path]).collect()
}
