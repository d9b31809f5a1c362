//! Deletes users, groups, projects and large releases: hides them at once, in a transaction whose size does not depend
//! on theirs, and leaves their rows to [`crate::sweeping`].
//!
//! A deleted user has no email address, a deleted namespace no full path, and a project that was deleted on its own no
//! namespace. Reads join on these columns, so they find nothing that is deleted. Ids and rows stay until they are
//! swept; names are free at once.

use release_links_domain::history::Event;
use release_links_domain::release::Release;
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{LINKS_REMOVED_AT_ONCE, REMOVED_BY_THE_REQUEST};
use release_links_sql::removals::Removed;
use rusqlite::{Connection, params};

use crate::burning::{burn, burn_project};
use crate::failure::Failure;
use crate::hiding::{hide_namespace, hide_user};
use crate::query::{exists, insert, run, statements};
use crate::sweeping::sweep;
use crate::tables::channels::delete_of_release;
use crate::tables::history::Journal;
use crate::tables::left_places::reserve_address_of;
use crate::tables::removals::enqueue;
use crate::tables::{namespaces, projects};

statements! {
    HIDE_PROJECT = "UPDATE projects SET namespace_id = NULL WHERE id = ?1";
    HAS_MANY_LINKS = "SELECT 1 FROM links WHERE release_id = ?1 LIMIT 1 OFFSET ?2";
    INSERT_HIDDEN_PROJECT = "INSERT INTO projects (name, path, visibility, since, created_at) VALUES ('', '', 'private', 0, 0)";
    INSERT_HIDDEN_TAG = "INSERT INTO tags (project_id, name, created_at) VALUES (?1, '', 0)";
    HIDE_RELEASE = "UPDATE releases SET project_id = ?2, tag_id = ?3, immutable = 0 WHERE id = ?1";
    DELETE_RELEASE = "DELETE FROM releases WHERE id = ?1";
}

/// Deletes a project and everything in it. Returns whether there was one.
pub fn project(conn: &Connection, project: ProjectId) -> Result<bool, Failure> {
    if !projects::is_there(conn, project)? {
        return Ok(false);
    }
    burn_project(conn, project)?;
    reserve_address_of(conn, project)?;
    run(conn, HIDE_PROJECT, params![project.get()])?;
    enqueue(conn, Removed::Project, project.get())?;
    sweep(conn, REMOVED_BY_THE_REQUEST)?;
    Ok(true)
}

/// Deletes a group and everything below it. Returns whether there was one.
pub fn group(conn: &Connection, group: GroupId) -> Result<bool, Failure> {
    if !namespaces::is_group(conn, group)? {
        return Ok(false);
    }
    hide_namespace(conn, group)?;
    sweep(conn, REMOVED_BY_THE_REQUEST)?;
    Ok(true)
}

/// Deletes a user and everything in their namespace.
pub fn user(conn: &Connection, user: UserId) -> Result<(), Failure> {
    hide_user(conn, user)?;
    sweep(conn, REMOVED_BY_THE_REQUEST)?;
    Ok(())
}

/// Deletes an existing release. One with more links than today's limit is moved to a hidden project, which is deleted;
/// its tag stays.
pub fn release(journal: &mut Journal<'_>, release: &Release) -> Result<(), Failure> {
    let (conn, id, tag) = (journal.conn, release.id.get(), release.tag.as_str());
    if release.immutable {
        burn(conn, journal.project, tag)?;
    }
    journal.record_deleted_links(tag, release.id)?;
    delete_of_release(journal, release.id)?;
    let state = Event::Release { before: Some(release.into()), after: None };
    journal.record(Some(tag), &state)?;
    if !exists(conn, HAS_MANY_LINKS, params![id, LINKS_REMOVED_AT_ONCE])? {
        return run(conn, DELETE_RELEASE, params![id]);
    }
    let project = insert(conn, INSERT_HIDDEN_PROJECT, [])?;
    let tag = insert(conn, INSERT_HIDDEN_TAG, params![project])?;
    run(conn, HIDE_RELEASE, params![id, project, tag])?;
    enqueue(conn, Removed::Project, project)
}

#[cfg(test)]
mod tests;
