//! Keeps the tags of immutable releases from being used again once the releases are deleted.

use release_links_domain::namespace::FullPath;
use release_links_domain::{NamespaceId, ProjectId};
use release_links_ports::MAX_PATHS_OF_BURNT_TAG;
use rusqlite::Connection;

use crate::failure::Failure;
use crate::tables::burnt_tags::{
    immutable_tags, insert, is_burnt_anywhere, is_burnt_at, is_burnt_now, with_immutable_below,
};
use crate::tables::left_places::{last_holder, paths_of_project};
use crate::tables::projects::at_path;

/// Refuses a tag from now on to a project that has it, and under all paths that lead to the project now.
pub fn burn(conn: &Connection, project: ProjectId, tag: &str) -> Result<(), Failure> {
    burn_all(conn, project, &[tag.to_owned()])
}

/// Returns whether an immutable release had this tag in a project, or under a path that leads to the project.
pub fn is_burnt(conn: &Connection, project: ProjectId, tag: &str) -> Result<bool, Failure> {
    if !is_burnt_anywhere(conn, tag)? {
        return Ok(false);
    }
    if is_burnt_now(conn, project, tag)? {
        return Ok(true);
    }
    for path in paths_of_project(conn, project, MAX_PATHS_OF_BURNT_TAG)? {
        if is_burnt_at(conn, &path, tag)? && leads_to(conn, &path)? == Some(project) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// As [`burn`], for the tags of all immutable releases of a project.
pub fn burn_project(conn: &Connection, project: ProjectId) -> Result<(), Failure> {
    let tags = immutable_tags(conn, project)?;
    if tags.is_empty() { Ok(()) } else { burn_all(conn, project, &tags) }
}

/// As [`burn_project`], for all projects in a namespace and below it.
pub fn burn_below(conn: &Connection, namespace: NamespaceId) -> Result<(), Failure> {
    for project in with_immutable_below(conn, namespace.get())? {
        burn_project(conn, project)?;
    }
    Ok(())
}

fn burn_all(conn: &Connection, project: ProjectId, tags: &[String]) -> Result<(), Failure> {
    for path in paths_of_project(conn, project, MAX_PATHS_OF_BURNT_TAG)? {
        if leads_to(conn, &path)? == Some(project) {
            for tag in tags {
                insert(conn, tag, &path, project)?;
            }
        }
    }
    Ok(())
}

fn leads_to(conn: &Connection, path: &str) -> Result<Option<ProjectId>, Failure> {
    let Ok(path) = path.parse::<FullPath>() else { return Ok(None) };
    match at_path(conn, &path)? {
        Some(project) => Ok(Some(project)),
        None => last_holder(conn, &path),
    }
}
