//! Removing groups and projects with all that belongs to them. Foreign keys take most of it; the bots of project tokens
//! are users, and no key leads from a project to those.

use release_links_domain::{GroupId, NamespaceId, ProjectId};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{count_changed, exists, run, statements};

statements! {
    BOTS = "DELETE FROM users WHERE bot = 1
        AND id IN (SELECT user_id FROM tokens WHERE project_id = ?1 AND kind = 'project')";
    BOTS_BELOW = "DELETE FROM users WHERE bot = 1
        AND id IN (SELECT t.user_id FROM namespace_ancestors a CROSS JOIN projects p CROSS JOIN tokens t
            WHERE a.ancestor_id = ?1 AND p.namespace_id = a.namespace_id AND t.project_id = p.id AND t.kind = 'project')";
    PROJECT = "DELETE FROM projects WHERE id = ?1";
    GROUP_EXISTS = "SELECT 1 FROM namespaces WHERE id = ?1 AND user_id IS NULL";
    GROUP = "DELETE FROM namespaces WHERE id = ?1";
}

/// Removes the bots of all projects in a namespace and below it.
pub fn bots_below(conn: &Connection, namespace: NamespaceId) -> Result<(), Failure> {
    run(conn, BOTS_BELOW, params![namespace.get()])
}

/// Removes a group and everything below it. Whether there was one.
pub fn group(conn: &Connection, group: GroupId) -> Result<bool, Failure> {
    if !exists(conn, GROUP_EXISTS, params![group.get()])? {
        return Ok(false);
    }
    bots_below(conn, group)?;
    run(conn, GROUP, params![group.get()])?;
    Ok(true)
}

/// Removes a project and everything in it. Whether there was one.
pub fn project(conn: &Connection, project: ProjectId) -> Result<bool, Failure> {
    run(conn, BOTS, params![project.get()])?;
    Ok(count_changed(conn, PROJECT, params![project.get()])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations;

    /// A group 1 with the group 2 below; in each a project of the same id, with a bot of the same id; and the bot 3 of
    /// the project 3 in group 3. User 9 is a person who has a token of every kind.
    fn bench() -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        migrations::migrate(&mut conn).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON;
            INSERT INTO users (id, name, email, administrator, bot, created_at)
                VALUES (1, 'a', 'a', 0, 1, 0), (2, 'b', 'b', 0, 1, 0), (3, 'c', 'c', 0, 1, 0), (9, 'p', 'p', 0, 0, 0);
            INSERT INTO namespaces (id, parent_id, user_id, name, path, full_path, visibility, created_at)
                VALUES (1, NULL, NULL, 'a', 'a', 'a', 'public', 0), (2, 1, NULL, 'b', 'b', 'a/b', 'public', 0),
                (3, NULL, NULL, 'c', 'c', 'c', 'public', 0), (4, NULL, 1, 'bot', 'bot', 'bot', 'public', 0);
            INSERT INTO namespace_ancestors VALUES (1, 1), (2, 1), (2, 2), (3, 3), (4, 4);
            INSERT INTO projects (id, namespace_id, name, path, full_path, visibility, created_at)
                VALUES (1, 1, 'p', 'p', 'a/p', 'public', 0), (2, 2, 'p', 'p', 'a/b/p', 'public', 0),
                (3, 3, 'p', 'p', 'c/p', 'public', 0);
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
}
