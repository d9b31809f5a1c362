//! Removing users, groups, projects and large releases: hidden at once, by one transaction that is as small for a large one
//! as for a small one, and deleted piece by piece afterwards (see [`crate::sweeping`]).
//!
//! A removed user has no email address, a removed namespace no full path, and a project that was removed by itself no
//! namespace; whatever reads joins what is there by these. Ids and rows stay until they are swept, names are free at once.

use release_links_domain::address::Holder;
use release_links_domain::{GroupId, NamespaceId, ProjectId, ReleaseId, UserId};
use release_links_ports::{LINKS_REMOVED_AT_ONCE, REMOVED_BY_THE_REQUEST};
use release_links_sql::removals::Removed;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::gone::keep_place_of;
use crate::moves::{leave, place_of_namespace};
use crate::query::{count_changed, exists, first, insert, run, statements};
use crate::sweeping::{put_off, sweep};

statements! {
    PROJECT_IS_THERE = "SELECT 1 FROM projects p CROSS JOIN namespaces n
        WHERE p.id = ?1 AND n.id = p.namespace_id AND n.full_path IS NOT NULL";
    HIDE_PROJECT = "UPDATE projects SET namespace_id = NULL WHERE id = ?1";
    GROUP_IS_THERE = "SELECT 1 FROM namespaces WHERE id = ?1 AND user_id IS NULL AND full_path IS NOT NULL";
    HIDE_NAMESPACES_BELOW = "UPDATE namespaces SET full_path = NULL WHERE id IN
        (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = ?1) AND full_path IS NOT NULL";
    DETACH_NAMESPACE = "UPDATE namespaces SET parent_id = NULL, user_id = NULL WHERE id = ?1";
    HIDE_USER = "UPDATE users SET email = NULL, administrator = 0 WHERE id = ?1 AND email IS NOT NULL";
    OWN_NAMESPACE = "SELECT id FROM namespaces WHERE user_id = ?1";
    HAS_MANY_LINKS = "SELECT 1 FROM links WHERE release_id = ?1 LIMIT 1 OFFSET ?2";
    INSERT_HIDDEN_PROJECT = "INSERT INTO projects (name, path, visibility, since, created_at) VALUES ('', '', 'private', 0, 0)";
    INSERT_HIDDEN_TAG = "INSERT INTO tags (project_id, name, created_at) VALUES (?1, '', 0)";
    HIDE_RELEASE = "UPDATE releases SET project_id = ?2, tag_id = ?3 WHERE id = ?1";
    DELETE_RELEASE = "DELETE FROM releases WHERE id = ?1";
}

/// Removes a project and everything in it. Whether there was one.
pub fn project(conn: &Connection, project: ProjectId) -> Result<bool, Failure> {
    if !exists(conn, PROJECT_IS_THERE, params![project.get()])? {
        return Ok(false);
    }
    keep_place_of(conn, project)?;
    run(conn, HIDE_PROJECT, params![project.get()])?;
    put_off(conn, Removed::Project, project.get())?;
    sweep(conn, REMOVED_BY_THE_REQUEST)?;
    Ok(true)
}

/// Removes a group and everything below it. Whether there was one.
pub fn group(conn: &Connection, group: GroupId) -> Result<bool, Failure> {
    if !exists(conn, GROUP_IS_THERE, params![group.get()])? {
        return Ok(false);
    }
    hide_namespace(conn, group)?;
    sweep(conn, REMOVED_BY_THE_REQUEST)?;
    Ok(true)
}

/// Removes a user, and everything in their namespace.
pub fn user(conn: &Connection, user: UserId) -> Result<(), Failure> {
    hide_user(conn, user)?;
    sweep(conn, REMOVED_BY_THE_REQUEST)?;
    Ok(())
}

/// Removes a release that is there. One with more links than today's may have is hidden in a project of its own, which is
/// removed; its tag stays where it is.
pub fn release(conn: &Connection, release: ReleaseId) -> Result<(), Failure> {
    if !exists(conn, HAS_MANY_LINKS, params![release.get(), LINKS_REMOVED_AT_ONCE])? {
        return run(conn, DELETE_RELEASE, params![release.get()]);
    }
    let project = insert(conn, INSERT_HIDDEN_PROJECT, [])?;
    let tag = insert(conn, INSERT_HIDDEN_TAG, params![project])?;
    run(conn, HIDE_RELEASE, params![release.get(), project, tag])?;
    put_off(conn, Removed::Project, project)
}

/// Hides a user, unless that was done before. Everything of theirs is still to be swept.
pub fn hide_user(conn: &Connection, user: UserId) -> Result<(), Failure> {
    if count_changed(conn, HIDE_USER, params![user.get()])? == 0 {
        return Ok(());
    }
    let own: Option<i64> = first(conn, OWN_NAMESPACE, params![user.get()], |row| row.get(0))?;
    if let Some(namespace) = own.and_then(|id| NamespaceId::try_from(id).ok()) {
        hide_namespace(conn, namespace)?;
    }
    put_off(conn, Removed::User, user.get())
}

/// Hides a namespace with everything below it, which is still to be swept. Projects that have left it are found by their old
/// paths all the same.
fn hide_namespace(conn: &Connection, namespace: NamespaceId) -> Result<(), Failure> {
    if let Some(place) = place_of_namespace(conn, namespace)? {
        leave(conn, &place, Holder::Namespace(namespace))?;
    }
    run(conn, HIDE_NAMESPACES_BELOW, params![namespace.get()])?;
    run(conn, DETACH_NAMESPACE, params![namespace.get()])?;
    put_off(conn, Removed::Namespace, namespace.get())
}

#[cfg(test)]
mod tests;
