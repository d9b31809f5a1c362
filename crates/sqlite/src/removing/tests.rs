//! What a deletion deletes, and what it leaves.

use jiff::Timestamp;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::history::Origin;
use release_links_ports::REMOVED_AT_A_TIME;

use super::*;
use crate::migrations;
use crate::tables::left_places::{move_namespace, move_project};
use crate::tables::releases::by_id;
use crate::view::view;

/// Group 1 with its subgroup 2, and group 3. Each has a project with a bot, both with the group's id. User 9 is a
/// person with a personal token and a job token.
fn bench() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    migrations::migrate(&mut conn).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = ON;
        INSERT INTO users (id, name, email, administrator, bot, created_at)
            VALUES (1, 'a', 'a', 0, 1, 0), (2, 'b', 'b', 0, 1, 0), (3, 'c', 'c', 0, 1, 0), (9, 'p', 'p', 0, 0, 0);
        INSERT INTO namespaces (id, parent_id, user_id, name, path, full_path, visibility, since, created_at)
            VALUES (1, NULL, NULL, 'a', 'a', 'a', 'public', 0, 0), (2, 1, NULL, 'b', 'b', 'a/b', 'public', 0, 0),
            (3, NULL, NULL, 'c', 'c', 'c', 'public', 0, 0), (4, NULL, 1, 'bot', 'bot', 'bot', 'public', 0, 0);
        INSERT INTO namespace_ancestors VALUES (1, 1), (2, 1), (2, 2), (3, 3), (4, 4);
        INSERT INTO projects (id, namespace_id, name, path, visibility, since, created_at)
            VALUES (1, 1, 'p', 'p', 'public', 0, 0), (2, 2, 'p', 'p', 'public', 0, 0),
            (3, 3, 'p', 'p', 'public', 0, 0);
        INSERT INTO tokens (kind, digest, user_id, project_id, name, scopes, created_at)
            VALUES ('project', x'01', 1, 1, 't', '', 0), ('project', x'02', 2, 2, 't', '', 0),
            ('project', x'03', 3, 3, 't', '', 0), ('job', x'04', 9, 1, 't', '', 0), ('job', x'05', 3, 1, 't', '', 0),
            ('personal', x'06', 9, NULL, 't', '', 0);",
    )
    .unwrap();
    conn
}

fn ids(conn: &Connection, table: &str) -> Vec<i64> {
    let sql = format!("SELECT id FROM {table} ORDER BY id");
    conn.prepare(&sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn deleting_a_project_deletes_its_bots_and_tokens_and_no_others() {
    let conn = bench();
    assert!(project(&conn, 1.try_into().unwrap()).unwrap());
    assert_eq!((ids(&conn, "users"), ids(&conn, "projects")), (vec![2, 3, 9], vec![2, 3]));
    assert_eq!((ids(&conn, "tokens"), ids(&conn, "namespaces")), (vec![2, 3, 6], vec![1, 2, 3]));
}

#[test]
fn deleting_a_group_deletes_the_bots_and_tokens_of_its_projects_and_no_others() {
    let conn = bench();
    assert!(group(&conn, 1.try_into().unwrap()).unwrap());
    assert_eq!((ids(&conn, "users"), ids(&conn, "projects")), (vec![3, 9], vec![3]));
    assert_eq!((ids(&conn, "tokens"), ids(&conn, "namespaces")), (vec![3, 6], vec![3]));
}

/// Counts the rows of these tables.
fn counts(conn: &Connection) -> [i64; 4] {
    ["links", "releases", "projects", "removals"]
        .map(|table| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap())
}

/// Creates the project `a/large` with `releases` releases of `links` links each.
fn with_large_project(conn: &Connection, releases: i64, links: i64) {
    conn.execute_batch(&format!(
        "INSERT INTO projects (id, namespace_id, name, path, visibility, since, created_at)
            VALUES (4, 1, 'large', 'large', 'public', 0, 0);
        WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {releases})
            INSERT INTO tags (id, project_id, name, created_at) SELECT n, 4, 'v' || n, 0 FROM c;
        INSERT INTO releases (id, project_id, tag_id, tag, created_at, released_at)
            SELECT id, 4, id, name, 0, 0 FROM tags;
        WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {links})
            INSERT INTO links (project_id, release_id, name, url, link_type)
            SELECT 4, r.id, 'n' || n, 'https://a/' || n, 'other' FROM releases r, c"
    ))
    .unwrap();
}

#[test]
fn a_large_project_is_hidden_at_once_and_deleted_in_steps() {
    let conn = bench();
    with_large_project(&conn, 5, 700);
    assert!(project(&conn, 4.try_into().unwrap()).unwrap());
    assert_eq!(
        view(&conn, &"4".parse().unwrap(), Reader::anonymous(Admission::SeeProject), |id| Ok(Some(id))).unwrap(),
        None
    );
    assert_eq!(
        view(&conn, &"a/large".parse().unwrap(), Reader::anonymous(Admission::SeeProject), |id| Ok(Some(id))).unwrap(),
        None
    );
    let mut before = counts(&conn);
    assert_eq!(before, [3500 - REMOVED_BY_THE_REQUEST, 5, 4, 1]);
    while sweep(&conn, REMOVED_AT_A_TIME).unwrap() {
        let after = counts(&conn);
        let deleted = before[0] - after[0];
        assert!(0 < deleted && deleted <= REMOVED_AT_A_TIME, "{before:?} {after:?}");
        before = after;
    }
    assert_eq!(counts(&conn), [0, 0, 3, 0]);
    assert_eq!(ids(&conn, "tags"), [0; 0]);
}

#[test]
fn a_small_deletion_does_not_wait_for_a_large_one() {
    let conn = bench();
    with_large_project(&conn, 5, 700);
    assert!(project(&conn, 4.try_into().unwrap()).unwrap());
    assert!(project(&conn, 3.try_into().unwrap()).unwrap());
    assert_eq!((ids(&conn, "projects"), ids(&conn, "users")), (vec![1, 2, 4], vec![1, 2, 9]));
}

#[test]
fn a_release_with_more_links_than_the_limit_is_deleted_in_steps_and_keeps_its_tag() {
    let conn = bench();
    with_large_project(&conn, 1, 1_001);
    let (project, origin) = (4.try_into().unwrap(), Origin::operator(Timestamp::UNIX_EPOCH));
    let found = by_id(&conn, project, 1.try_into().unwrap(), 0).unwrap().unwrap();
    release(&mut Journal::new(&conn, project, origin), &found).unwrap();
    let rows = "SELECT count(*) FROM history WHERE project_id = 4";
    assert_eq!(conn.query_row(rows, [], |row| row.get::<_, i64>(0)).unwrap(), 1_002);
    let left =
        "SELECT count(*) FROM releases r JOIN tags t ON t.id = r.tag_id WHERE r.project_id = 4 OR t.project_id = 4";
    assert_eq!(conn.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(counts(&conn), [1_001, 1, 5, 1]);
    while sweep(&conn, REMOVED_AT_A_TIME).unwrap() {}
    assert_eq!((counts(&conn), ids(&conn, "tags")), ([0, 0, 4, 0], vec![1]));
}

#[test]
fn deleting_a_group_writes_one_row_per_group_to_hide_everything_below() {
    let conn = bench();
    with_large_project(&conn, 1, 1_000);
    let before = conn.total_changes();
    hide_namespace(&conn, 1.try_into().unwrap()).unwrap();
    let rows = conn.total_changes() - before;
    assert!(rows <= 2 * 2 + 3, "{rows} rows");
    for named in ["1", "2", "4", "a/large", "a/b/p"] {
        assert_eq!(
            view(&conn, &named.parse().unwrap(), Reader::anonymous(Admission::SeeProject), |id| Ok(Some(id))).unwrap(),
            None,
            "{named}"
        );
    }
    while sweep(&conn, REMOVED_AT_A_TIME).unwrap() {}
    assert_eq!((counts(&conn), ids(&conn, "namespaces")), ([0, 0, 1, 0], vec![3]));
    assert_eq!(ids(&conn, "users"), [3, 9]);
}

#[test]
fn former_addresses_without_another_holder_are_deleted() {
    let conn = bench();
    let (new, other) = ("c/moved".parse().unwrap(), "c/again".parse().unwrap());
    move_project(&conn, 3.try_into().unwrap(), &new).unwrap();
    move_project(&conn, 3.try_into().unwrap(), &other).unwrap();
    move_namespace(&conn, 3.try_into().unwrap(), &"c".parse().unwrap(), &"d".parse().unwrap()).unwrap();
    assert!(!ids(&conn, "left_places").is_empty());
    assert!(group(&conn, 3.try_into().unwrap()).unwrap());
    assert_eq!((ids(&conn, "left_places"), ids(&conn, "namespaces")), (vec![], vec![1, 2, 4]));
}

#[test]
fn a_rename_writes_one_row_per_group_and_none_per_project() {
    let conn = bench();
    conn.execute_batch(
        "WITH RECURSIVE c(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM c WHERE n < 310)
        INSERT INTO projects (id, namespace_id, name, path, visibility, since, created_at)
            SELECT n, 2, 'p', 'p' || n, 'public', 0, 0 FROM c",
    )
    .unwrap();
    let before = conn.total_changes();
    move_namespace(&conn, 1.try_into().unwrap(), &"a".parse().unwrap(), &"z".parse().unwrap()).unwrap();
    let rows = conn.total_changes() - before;
    assert!(rows <= 4, "{rows} rows");
    assert!(
        view(&conn, &"a/b/p10".parse().unwrap(), Reader::anonymous(Admission::SeeProject), |id| Ok(Some(id)))
            .unwrap()
            .unwrap()
            .project
            .moved
    );
}
