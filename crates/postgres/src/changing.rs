//! Changes to groups and projects. A path that changes is left behind for whoever comes by it (docs/contract.md, "Permanent links").

use release_links_domain::namespace::{DisplayName, FullPath, Group, PathSegment};
use release_links_domain::project::{ReleasesAccess, Visibility};
use release_links_domain::{GroupId, ProjectId, UserId};
use release_links_ports::{GroupChanges, ProjectChanges, ProjectDetails, TakenError};

use crate::failure::Failure;
use crate::groups::{group_view, path_is_taken};
use crate::moves::{move_namespace, move_project};
use crate::projects::{by_id, namespace_path};
use crate::query::{Session, statements};

statements! {
    SET_GROUP = "UPDATE namespaces SET name = coalesce($2, name), path = coalesce($3, path),
        visibility = coalesce($4, visibility) WHERE id = $1";
    SET_PROJECT = "UPDATE projects SET name = coalesce($2, name), path = coalesce($3, path),
        namespace_id = coalesce($4, namespace_id), visibility = coalesce($5, visibility),
        releases_access = coalesce($6, releases_access), archived = coalesce($7, archived) WHERE id = $1";
}

/// Whether something other than what has the path `old` stands in the way of its getting the path `new`.
async fn is_in_the_way(session: &Session, old: &FullPath, new: &FullPath) -> Result<bool, Failure> {
    Ok(!old.as_str().eq_ignore_ascii_case(new.as_str()) && path_is_taken(session, new).await?)
}

/// Changes a group.
pub async fn group(session: &Session, id: GroupId, changes: &GroupChanges) -> Result<Group, TakenError<()>> {
    session.begin_on_tree().await?;
    let group = group_view(session, id.get(), None).await?.ok_or(TakenError::Gone)?.group;
    if let Some(path) = &changes.path {
        let old = group.full_path;
        let new = match group.parent {
            None => path.clone().into(),
            Some(parent) => namespace_path(session, parent).await?.ok_or(TakenError::Gone)?.join(path),
        };
        if is_in_the_way(session, &old, &new).await? {
            return Err(TakenError::Taken(()));
        }
        if old != new {
            move_namespace(session, id, &old, &new).await?;
        }
    }
    let path = changes.path.as_ref().map(PathSegment::as_str);
    let visibility = changes.visibility.map(Visibility::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    session.run(SET_GROUP, &[&id.get(), &name, &path, &visibility]).await?;
    Ok(group_view(session, id.get(), None).await?.ok_or(TakenError::Gone)?.group)
}

/// Changes a project.
pub async fn project(
    session: &Session,
    id: ProjectId,
    changes: &ProjectChanges,
    viewer: UserId,
) -> Result<ProjectDetails, TakenError<()>> {
    session.begin_on_tree().await?;
    let project = by_id(session, id.get(), None).await?.ok_or(TakenError::Gone)?.project;
    let namespace = changes.namespace.unwrap_or(project.namespace.id);
    let path = changes.path.as_ref().unwrap_or(&project.path);
    let old = project.full_path;
    let new = namespace_path(session, namespace).await?.ok_or(TakenError::Gone)?.join(path);
    if is_in_the_way(session, &old, &new).await? {
        return Err(TakenError::Taken(()));
    }
    if !old.as_str().eq_ignore_ascii_case(new.as_str()) {
        move_project(session, id, &new).await?;
    }
    let visibility = changes.visibility.map(Visibility::as_str);
    let releases = changes.releases.map(ReleasesAccess::as_str);
    let name = changes.name.as_ref().map(DisplayName::as_str);
    let (path, namespace) = (path.as_str(), namespace.get());
    session.run(SET_PROJECT, &[&id.get(), &name, &path, &namespace, &visibility, &releases, &changes.archived]).await?;
    by_id(session, id.get(), Some(viewer)).await?.ok_or(TakenError::Gone)
}
