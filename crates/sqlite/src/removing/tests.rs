//! What removals take along, and what they leave.

use super::*;
use crate::migrations;

/// A group 1 with the group 2 below; in each a project of the same id, with a bot of the same id; and the bot 3 of
/// the project 3 in group 3. User 9 is a person who has a token of every kind.
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
fn a_project_takes_its_bots_and_tokens_along_and_no_others() {
    let conn = bench();
    assert!(project(&conn, 1.try_into().unwrap()).unwrap());
    assert_eq!((ids(&conn, "users"), ids(&conn, "projects")), (vec![2, 3, 9], vec![2, 3]));
    assert_eq!((ids(&conn, "tokens"), ids(&conn, "namespaces")), (vec![2, 3, 6], vec![1, 2, 3]));
}

#[test]
fn a_group_takes_the_bots_and_tokens_of_all_projects_below_along_and_no_others() {
    let conn = bench();
    assert!(group(&conn, 1.try_into().unwrap()).unwrap());
    assert_eq!((ids(&conn, "users"), ids(&conn, "projects")), (vec![3, 9], vec![3]));
    assert_eq!((ids(&conn, "tokens"), ids(&conn, "namespaces")), (vec![3, 6], vec![3]));
}
