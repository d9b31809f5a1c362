//! Deletes users, groups, projects and large releases: hides them at once, in a transaction whose size does not depend
//! on theirs, and leaves their rows to [`crate::sweeping`].
//!
//! A deleted user has no email address, a deleted namespace no full path, and a project that was deleted on its own no
//! namespace. Reads join on these columns, so they find nothing that is deleted. Ids and rows stay until they are
//! swept; names are free at once.

use release_links_domain::{GroupId, ProjectId, ReleaseId};
use release_links_ports::LINKS_REMOVED_AT_ONCE;
use release_links_sql::removals::Removed;

use crate::failure::Failure;
use crate::hiding::hide_namespace;
use crate::query::{Session, statements};
use crate::tables::left_places::reserve_address_of;
use crate::tables::namespaces;
use crate::tables::removals::enqueue;

statements! {
    // Excludes transactions that create something in the project.
    LOCK_PROJECT = "SELECT FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR UPDATE OF p";
    HIDE_PROJECT = "UPDATE projects SET namespace_id = NULL WHERE id = $1";
    HAS_MANY_LINKS = "SELECT FROM links WHERE release_id = $1 LIMIT 1 OFFSET $2";
    INSERT_HIDDEN_PROJECT = "INSERT INTO projects (name, path, visibility, since, created_at) VALUES ('', '', 'private', 0, 0)
        RETURNING id";
    INSERT_HIDDEN_TAG = "INSERT INTO tags (project_id, name, created_at) VALUES ($1, '', 0) RETURNING id";
    DELETE_CHANNELS = "DELETE FROM release_channels WHERE release_id = $1";
    HIDE_RELEASE = "UPDATE releases SET project_id = $2, tag_id = $3 WHERE id = $1";
    DELETE_RELEASE = "DELETE FROM releases WHERE id = $1";
}

/// Hides a project and everything in it. Returns whether there was one.
pub async fn project(session: &Session, project: ProjectId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !session.exists(LOCK_PROJECT, &[&project.get()]).await? {
        return Ok(false);
    }
    reserve_address_of(session, project).await?;
    session.run(HIDE_PROJECT, &[&project.get()]).await?;
    enqueue(session, Removed::Project, project.get()).await?;
    Ok(true)
}

/// Hides a group and everything below it. Returns whether there was one.
pub async fn group(session: &Session, group: GroupId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !namespaces::is_group(session, group).await? {
        return Ok(false);
    }
    hide_namespace(session, group).await?;
    Ok(true)
}

/// Deletes an existing release, which must be locked. One with more links than today's limit is moved to a hidden
/// project, which is deleted; its tag stays.
pub async fn release(session: &Session, release: ReleaseId) -> Result<(), Failure> {
    let id = release.get();
    if !session.exists(HAS_MANY_LINKS, &[&id, &LINKS_REMOVED_AT_ONCE]).await? {
        session.run(DELETE_RELEASE, &[&id]).await?;
        return Ok(());
    }
    session.run(DELETE_CHANNELS, &[&id]).await?;
    let project = session.insert(INSERT_HIDDEN_PROJECT, &[]).await?;
    let tag = session.insert(INSERT_HIDDEN_TAG, &[&project]).await?;
    session.run(HIDE_RELEASE, &[&id, &project, &tag]).await?;
    enqueue(session, Removed::Project, project).await
}
