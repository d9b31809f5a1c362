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

use crate::query::Session;
use crate::tables::left_places::move_namespace;
use crate::tables::members::insert_group_member;
use crate::tables::namespaces::{
    group_view, insert_namespace, is_taken_by_another, list_groups, named_group_view, namespace_path, path_is_taken,
    update_group,
};
use crate::tables::users::user_by_id;
use crate::{PostgresStore, removing};

async fn create(session: &Session, new: &NewGroup) -> Result<Group, WriteError<()>> {
    session.begin_on_tree().await?;
    let full_path = match new.parent {
        None => new.path.clone().into(),
        Some(parent) => {
            let parent = group_view(session, parent.get(), None).await?.ok_or(WriteError::Gone)?;
            parent.group.full_path.join(&new.path)
        }
    };
    if path_is_taken(session, &full_path).await? {
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
    let id = insert_namespace(session, &namespace).await?;
    if let Some(owner) = new.owner {
        user_by_id(session, owner).await?.ok_or(WriteError::Gone)?;
        insert_group_member(session, id, owner, AccessLevel::Owner, created_at).await?;
    }
    Ok(group_view(session, id, None).await?.ok_or(WriteError::Gone)?.group)
}

/// Updates a group.
async fn update(session: &Session, id: GroupId, changes: &GroupChanges) -> Result<Group, WriteError<()>> {
    session.begin_on_tree().await?;
    let group = group_view(session, id.get(), None).await?.ok_or(WriteError::Gone)?.group;
    if let Some(path) = &changes.path {
        let old = group.full_path;
        let new = match group.parent {
            None => path.clone().into(),
            Some(parent) => namespace_path(session, parent).await?.ok_or(WriteError::Gone)?.join(path),
        };
        if is_taken_by_another(session, &old, &new).await? {
            return Err(WriteError::Conflict(()));
        }
        if old != new {
            move_namespace(session, id, &old, &new).await?;
        }
    }
    update_group(session, id, changes).await?;
    Ok(group_view(session, id.get(), None).await?.ok_or(WriteError::Gone)?.group)
}

#[async_trait]
impl GroupRepository for PostgresStore {
    async fn get(&self, group: GroupId, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError> {
        Ok(group_view(&self.session().await?, group.get(), viewer).await?)
    }

    async fn find(&self, group: &GroupRef, viewer: Option<UserId>) -> Result<Option<GroupView>, StoreError> {
        Ok(named_group_view(&self.session().await?, group, viewer).await?)
    }

    async fn list(&self, viewer: Viewer, filter: GroupFilter, page: PageRequest) -> Result<Page<Group>, StoreError> {
        Ok(list_groups(&self.session_for_list().await?, &viewer, &filter, page).await?)
    }

    async fn create(&self, group: NewGroup) -> Result<Group, WriteError<()>> {
        let session = self.session().await?;
        let outcome = create(&session, &group).await;
        session.settle(outcome).await
    }

    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, WriteError<()>> {
        let session = self.session_for_long().await?;
        let outcome = update(&session, group, &changes).await;
        session.settle(outcome).await
    }

    async fn delete(&self, group: GroupId) -> Result<bool, StoreError> {
        let session = self.session_for_long().await?;
        let outcome = removing::group(&session, group).await.map_err(StoreError::from);
        let removed = session.settle(outcome).await?;
        self.sweep_what_is_small().await;
        Ok(removed)
    }
}
