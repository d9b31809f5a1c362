//! The groups port. An old path keeps leading to its group's projects after a change (docs/contract.md,
//! "Permanent links").

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{Group, GroupRef};
use release_links_domain::{GroupId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupRepository, GroupView, NewGroup, Page, PageRequest, StoreError, Viewer, WriteError,
};
use release_links_sql::namespaces::NewNamespace;
use rusqlite::Connection;

use crate::tables::left_places::move_namespace;
use crate::tables::members::insert_group_member;
use crate::tables::namespaces::{
    self, group_view, insert_namespace, is_taken_by_another, named_group_view, namespace_path, path_is_taken,
    update_group,
};
use crate::tables::users::user_by_id;
use crate::{SqliteStore, removing};

fn create(conn: &Connection, new: &NewGroup) -> Result<Group, WriteError<()>> {
    let full_path = match new.parent {
        None => new.path.clone().into(),
        Some(parent) => group_view(conn, parent.get(), None)?.ok_or(WriteError::Gone)?.group.full_path.join(&new.path),
    };
    if path_is_taken(conn, &full_path)? {
        return Err(WriteError::Conflict(()));
    }
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
fn update(conn: &Connection, id: GroupId, changes: &GroupChanges) -> Result<Group, WriteError<()>> {
    let group = group_view(conn, id.get(), None)?.ok_or(WriteError::Gone)?.group;
    if let Some(path) = &changes.path {
        let old = group.full_path;
        let new = match group.parent {
            None => path.clone().into(),
            Some(parent) => namespace_path(conn, parent)?.ok_or(WriteError::Gone)?.join(path),
        };
        if is_taken_by_another(conn, &old, &new)? {
            return Err(WriteError::Conflict(()));
        }
        if old != new {
            move_namespace(conn, id, &old, &new)?;
        }
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

    async fn create(&self, group: NewGroup) -> Result<Group, WriteError<()>> {
        self.write(move |conn| create(conn, &group)).await
    }

    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, WriteError<()>> {
        self.write_alone(move |conn| update(conn, group, &changes)).await
    }

    async fn delete(&self, group: GroupId) -> Result<bool, StoreError> {
        self.write_alone(move |conn| Ok(removing::group(conn, group)?)).await
    }
}
