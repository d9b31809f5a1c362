//! Removing groups and projects with all that belongs to them. Foreign keys take most of it; the bots of project tokens
//! are users, and no key leads from a project to those.

use release_links_domain::{GroupId, ProjectId};

use crate::failure::Failure;
use crate::query::{Session, statements};

statements! {
    // Before the bots: who releases as one of them locks in this order too.
    LOCK = "SELECT FROM projects WHERE id = $1 FOR UPDATE";
    LOCK_BELOW = "SELECT FROM projects WHERE namespace_id IN
        (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = $1) ORDER BY id FOR UPDATE";
    BOTS = "DELETE FROM users WHERE bot
        AND id IN (SELECT user_id FROM tokens WHERE project_id = $1 AND kind = 'project')";
    BOTS_BELOW = "DELETE FROM users WHERE bot
        AND id IN (SELECT t.user_id FROM namespace_ancestors a JOIN projects p ON p.namespace_id = a.namespace_id
            JOIN tokens t ON t.project_id = p.id WHERE a.ancestor_id = $1 AND t.kind = 'project')";
    PROJECT = "DELETE FROM projects WHERE id = $1";
    GROUP_EXISTS = "SELECT FROM namespaces WHERE id = $1 AND user_id IS NULL";
    GROUP = "DELETE FROM namespaces WHERE id = $1";
}

/// Removes a group and everything below it. Whether there was one.
pub async fn group(session: &Session, group: GroupId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !session.exists(GROUP_EXISTS, &[&group.get()]).await? {
        return Ok(false);
    }
    for sql in [LOCK_BELOW, BOTS_BELOW, GROUP] {
        session.run(sql, &[&group.get()]).await?;
    }
    Ok(true)
}

/// Removes a project and everything in it. Whether there was one.
pub async fn project(session: &Session, project: ProjectId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    for sql in [LOCK, BOTS] {
        session.run(sql, &[&project.get()]).await?;
    }
    Ok(session.run(PROJECT, &[&project.get()]).await? > 0)
}
