//! Removing users, groups, projects and large releases: hidden at once, by one transaction that is as small for a large one
//! as for a small one, and deleted piece by piece afterwards (see [`crate::sweeping`]).
//!
//! A removed user has no email address, a removed namespace no full path, and a project that was removed by itself no
//! namespace; whatever reads joins what is there by these. Ids and rows stay until they are swept, names are free at once.

use release_links_domain::{GroupId, ProjectId, ReleaseId};
use release_links_ports::LINKS_REMOVED_AT_ONCE;
use release_links_sql::removals::Removed;

use crate::failure::Failure;
use crate::hiding::hide_namespace;
use crate::query::{Session, statements};
use crate::tables::left_places::keep_place_of;
use crate::tables::namespaces;
use crate::tables::removals::put_off;

statements! {
    // Whoever makes something in the project waits for this, or this waits for them.
    LOCK_PROJECT = "SELECT FROM projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.id = $1 AND n.full_path IS NOT NULL FOR UPDATE OF p";
    HIDE_PROJECT = "UPDATE projects SET namespace_id = NULL WHERE id = $1";
    HAS_MANY_LINKS = "SELECT FROM links WHERE release_id = $1 LIMIT 1 OFFSET $2";
    INSERT_HIDDEN_PROJECT = "INSERT INTO projects (name, path, visibility, since, created_at) VALUES ('', '', 'private', 0, 0)
        RETURNING id";
    INSERT_HIDDEN_TAG = "INSERT INTO tags (project_id, name, created_at) VALUES ($1, '', 0) RETURNING id";
    HIDE_RELEASE = "UPDATE releases SET project_id = $2, tag_id = $3 WHERE id = $1";
    DELETE_RELEASE = "DELETE FROM releases WHERE id = $1";
}

/// Hides a project with everything in it. Whether there was one.
pub async fn project(session: &Session, project: ProjectId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !session.exists(LOCK_PROJECT, &[&project.get()]).await? {
        return Ok(false);
    }
    keep_place_of(session, project).await?;
    session.run(HIDE_PROJECT, &[&project.get()]).await?;
    put_off(session, Removed::Project, project.get()).await?;
    Ok(true)
}

/// Hides a group and everything below it. Whether there was one.
pub async fn group(session: &Session, group: GroupId) -> Result<bool, Failure> {
    session.begin_on_tree().await?;
    if !namespaces::is_group(session, group).await? {
        return Ok(false);
    }
    hide_namespace(session, group).await?;
    Ok(true)
}

/// Removes a release that is there and locked. One with more links than today's may have is hidden in a project of its own,
/// which is removed; its tag stays where it is.
pub async fn release(session: &Session, release: ReleaseId) -> Result<(), Failure> {
    let id = release.get();
    if !session.exists(HAS_MANY_LINKS, &[&id, &LINKS_REMOVED_AT_ONCE]).await? {
        session.run(DELETE_RELEASE, &[&id]).await?;
        return Ok(());
    }
    let project = session.insert(INSERT_HIDDEN_PROJECT, &[]).await?;
    let tag = session.insert(INSERT_HIDDEN_TAG, &[&project]).await?;
    session.run(HIDE_RELEASE, &[&id, &project, &tag]).await?;
    put_off(session, Removed::Project, project).await
}
