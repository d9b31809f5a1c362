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
