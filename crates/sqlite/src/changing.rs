//! Changes to groups and projects. A path that changes is left behind for whoever comes by it (docs/contract.md, "Permanent links").

use release_links_domain::namespace::{DisplayName, FullPath, Group, PathSegment};
use release_links_domain::project::{ReleasesAccess, Visibility};
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{GroupChanges, ProjectChanges, ProjectDetails, TakenError};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::groups::{group_view, path_is_taken};
use crate::moves::{move_namespace, move_project};
use crate::projects::{by_id, namespace_path};
use crate::query::{run, statements};

statements! {
    SET_GROUP = "UPDATE namespaces SET name = ifnull(?2, name), path = ifnull(?3, path),
        visibility = ifnull(?4, visibility) WHERE id = ?1";
    SET_PROJECT = "UPDATE projects SET name = ifnull(?2, name), path = ifnull(?3, path),
        namespace_id = ifnull(?4, namespace_id), visibility = ifnull(?5, visibility),
        releases_access = ifnull(?6, releases_access), archived = ifnull(?7, archived) WHERE id = ?1";
}

/// Whether something other than what has the path `old` stands in the way of its getting the path `new`.
fn is_in_the_way(conn: &Connection, old: &FullPath, new: &FullPath) -> Result<bool, Failure> {
    Ok(!old.as_str().eq_ignore_ascii_case(new.as_str()) && path_is_taken(conn, new)?)
}

/// Changes a group.
pub fn group(conn: &Connection, id: GroupId, changes: &GroupChanges) -> Result<Group, TakenError<()>> {
    let group = group_view(conn, id.get(), None)?.ok_or(TakenError::Gone)?.group;
    if let Some(path) = &changes.path {
        let old = group.full_path;
        let new = match group.parent {
            None => path.clone().into(),
            Some(parent) => namespace_path(conn, parent)?.ok_or(TakenError::Gone)?.join(path),
        };
        if is_in_the_way(conn, &old, &new)? {
            return Err(TakenError::Taken(()));
        }
        if old != new {
            move_namespace(conn, id, &old, &new)?;
        }
    }
    let path = changes.path.as_ref().map(PathSegment::as_str);
    let visibility = changes.visibility.map(Visibility::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    run(conn, SET_GROUP, params![id.get(), name, path, visibility])?;
    Ok(group_view(conn, id.get(), None)?.ok_or(TakenError::Gone)?.group)
}

/// Changes a project.
pub fn project(
    conn: &Connection,
    id: ProjectId,
    changes: &ProjectChanges,
    viewer: UserId,
) -> Result<ProjectDetails, TakenError<()>> {
    let project = by_id(conn, id.get(), None)?.ok_or(TakenError::Gone)?.project;
    let namespace = changes.namespace.unwrap_or(project.namespace.id);
    let path = changes.path.as_ref().unwrap_or(&project.path);
    let old = project.full_path;
    let new = namespace_path(conn, namespace)?.ok_or(TakenError::Gone)?.join(path);
    if is_in_the_way(conn, &old, &new)? {
        return Err(TakenError::Taken(()));
    }
    if !old.as_str().eq_ignore_ascii_case(new.as_str()) {
        move_project(conn, id, &new)?;
    }
    let visibility = changes.visibility.map(Visibility::as_str);
    let releases = changes.releases.map(ReleasesAccess::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    let row = params![id.get(), name, path.as_str(), namespace.get(), visibility, releases, changes.archived];
    run(conn, SET_PROJECT, row)?;
    by_id(conn, id.get(), Some(viewer))?.ok_or(TakenError::Gone)
}
