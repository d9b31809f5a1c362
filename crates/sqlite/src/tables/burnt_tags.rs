//! The table of tags that deleted immutable releases had.

use release_links_domain::ProjectId;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{all, exists, run, statements};

statements! {
    IS_BURNT = "SELECT 1 FROM burnt_tags WHERE project_id = ?1 AND tag = ?2
        UNION ALL SELECT 1 FROM projects p CROSS JOIN namespaces n CROSS JOIN burnt_tags b WHERE p.id = ?1
            AND n.id = p.namespace_id AND b.tag = ?2 AND b.path = lower(n.full_path || '/' || p.path) LIMIT 1";
    IS_BURNT_ANYWHERE = "SELECT 1 FROM burnt_tags WHERE tag = ?1 LIMIT 1";
    IS_BURNT_AT = "SELECT 1 FROM burnt_tags WHERE tag = ?1 AND path = ?2 LIMIT 1";
    BURN = "INSERT INTO burnt_tags (tag, path, project_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    IMMUTABLE = "SELECT tag FROM releases WHERE project_id = ?1 AND immutable <> 0";
    IMMUTABLE_BELOW = "SELECT DISTINCT p.id FROM namespace_ancestors a CROSS JOIN projects p CROSS JOIN releases r
        WHERE a.ancestor_id = ?1 AND p.namespace_id = a.namespace_id AND r.project_id = p.id AND r.immutable <> 0";
    HAS_IMMUTABLE = "SELECT 1 FROM releases WHERE project_id > 0 AND immutable <> 0 LIMIT 1";
}

/// Returns whether an immutable release had this tag in any project.
pub fn is_burnt_anywhere(conn: &Connection, tag: &str) -> Result<bool, Failure> {
    exists(conn, IS_BURNT_ANYWHERE, params![tag])
}

/// Returns whether an immutable release had this tag under a path in lower case.
pub fn is_burnt_at(conn: &Connection, path: &str, tag: &str) -> Result<bool, Failure> {
    exists(conn, IS_BURNT_AT, params![tag, path])
}

/// Returns whether an immutable release had this tag in a project, or under the path of the project.
pub fn is_burnt_now(conn: &Connection, project: ProjectId, tag: &str) -> Result<bool, Failure> {
    exists(conn, IS_BURNT, params![project.get(), tag])
}

/// Refuses a tag from now on to a project, and under a path in lower case.
pub fn insert(conn: &Connection, tag: &str, path: &str, project: ProjectId) -> Result<(), Failure> {
    run(conn, BURN, params![tag, path, project.get()])
}

/// Returns the tags of the immutable releases of a project.
pub fn immutable_tags(conn: &Connection, project: ProjectId) -> Result<Vec<String>, Failure> {
    all(conn, IMMUTABLE, params![project.get()], |row| row.get(0))
}

/// Returns the projects with immutable releases in a namespace and below it.
pub fn with_immutable_below(conn: &Connection, namespace: i64) -> Result<Vec<ProjectId>, Failure> {
    // Most databases have none, and then there is no need to look at each project.
    if !exists(conn, HAS_IMMUTABLE, [])? {
        return Ok(Vec::new());
    }
    let ids = all(conn, IMMUTABLE_BELOW, params![namespace], |row| row.get::<i64>(0))?;
    Ok(ids.into_iter().filter_map(|id| ProjectId::try_from(id).ok()).collect())
}
