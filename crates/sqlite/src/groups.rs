//! The groups port. An old path keeps leading to its group's projects after a change (docs/contract.md,
//! "Permanent links").

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{FullPath, Group, GroupRef, PathSegment};
use release_links_domain::placement::{
    GroupPlacement, PlacementObstacle, visibilities_to_exclude, visibility_to_check,
};
use release_links_domain::{GroupId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupRepository, GroupView, NewGroup, Page, PageRequest, StoreError, Viewer, WriteError,
};
use release_links_sql::namespaces::NewNamespace;
use rusqlite::Connection;

use crate::tables::left_places::move_namespace;
use crate::tables::members::insert_group_member;
use crate::tables::namespaces::{
    self, Reach, group_view, holds, insert_namespace, is_taken_by_another, named_group_view, path_is_taken,
    reach_below, set_parent, update_group,
};
use crate::tables::users::user_by_id;
use crate::{SqliteStore, removing};

/// Returns the parent of a group that has one.
fn parent(conn: &Connection, id: Option<GroupId>) -> Result<Option<Group>, WriteError<PlacementObstacle>> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(group_view(conn, id.get(), None)?.ok_or(WriteError::Gone)?.group))
}

/// Returns the path of a group below its parent, or at the top level.
fn below(parent: Option<&Group>, path: &PathSegment) -> FullPath {
    parent.map_or_else(|| path.clone().into(), |parent| parent.full_path.join(path))
}

fn create(conn: &Connection, new: &NewGroup) -> Result<Group, WriteError<PlacementObstacle>> {
    let parent = parent(conn, new.parent)?;
    let full_path = below(parent.as_ref(), &new.path);
    let placement = GroupPlacement {
        visibility: Some(new.visibility),
        parent: parent.as_ref(),
        parent_is_below: false,
        levels_below: 0,
        holds_projects: false,
        holds_groups: false,
        path_is_taken: path_is_taken(conn, &full_path)?,
    };
    placement.check().map_err(WriteError::Conflict)?;
    let created_at = new.created_at.as_millisecond();
    let namespace = NewNamespace {
        parent: new.parent.map(GroupId::get),
        user: None,
        name: new.name.as_str(),
        path: &new.path,
        full_path: &full_path,
        visibility: new.visibility,
        created_at,
        description: new.description.as_ref(),
    };
    let id = insert_namespace(conn, &namespace)?;
    if let Some(owner) = new.owner {
        user_by_id(conn, owner)?.ok_or(WriteError::Gone)?;
        insert_group_member(conn, id, owner, AccessLevel::Owner, created_at)?;
    }
    Ok(group_view(conn, id, None)?.ok_or(WriteError::Gone)?.group)
}

/// Updates a group.
fn update(conn: &Connection, id: GroupId, changes: &GroupChanges) -> Result<Group, WriteError<PlacementObstacle>> {
    let group = group_view(conn, id.get(), None)?.ok_or(WriteError::Gone)?.group;
    let moves = changes.parent.is_some_and(|parent| parent != group.parent);
    let parent = parent(conn, changes.parent.unwrap_or(group.parent))?;
    let reach = if moves { reach_below(conn, id, parent.as_ref().map(|parent| parent.id))? } else { Reach::default() };
    let (depth, old) = (group.depth(), group.full_path);
    let new = below(parent.as_ref(), changes.path.as_ref().unwrap_or(&group.path));
    let excluded = visibilities_to_exclude(group.visibility, changes.visibility);
    let [holds_projects, holds_groups] = holds(conn, id, &excluded)?;
    let placement = GroupPlacement {
        visibility: visibility_to_check(group.visibility, changes.visibility, moves),
        parent: parent.as_ref(),
        parent_is_below: reach.includes_parent,
        levels_below: reach.deepest.saturating_sub(depth),
        holds_projects,
        holds_groups,
        path_is_taken: is_taken_by_another(conn, &old, &new)?,
    };
    placement.check().map_err(WriteError::Conflict)?;
    if old != new {
        move_namespace(conn, id, &old, &new)?;
    }
    if moves {
        set_parent(conn, id, parent.map(|parent| parent.id))?;
    }
    update_group(conn, id, changes)?;
    Ok(group_view(conn, id.get(), None)?.ok_or(WriteError::Gone)?.group)
}

#[async_trait]
impl GroupRepository for SqliteStore {
    async fn get(&self, group: GroupId, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError> {
        self.read(|conn| group_view(conn, group.get(), viewer)).await
    }

    async fn find(&self, group: &GroupRef, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError> {
        self.read(|conn| named_group_view(conn, group, viewer)).await
    }

    async fn list(&self, viewer: Viewer, filter: GroupFilter, page: PageRequest) -> Result<Page<Group>, StoreError> {
        self.read_long(move |conn| namespaces::list_groups(conn, &viewer, &filter, page)).await
    }

    async fn create(&self, group: NewGroup) -> Result<Group, WriteError<PlacementObstacle>> {
        self.write(move |conn| create(conn, &group)).await
    }

    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, WriteError<PlacementObstacle>> {
        self.write_alone(move |conn| update(conn, group, &changes)).await
    }

    async fn delete(&self, group: GroupId) -> Result<bool, StoreError> {
        self.write_alone(move |conn| Ok(removing::group(conn, group)?)).await
    }
}
