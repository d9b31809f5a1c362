//! The groups port, and what groups share with the namespaces of users.

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{FullPath, Group, GroupRef};
use release_links_domain::{GroupId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupRepository, GroupView, NewGroup, Page, PageRequest, StoreError, TakenError, Viewer,
};
use release_links_sql::namespace_columns;
use release_links_sql::namespaces::{NewNamespace, group};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::members::insert_group_member;
use crate::moves::{NOW, forget_whole};
use crate::query::{exists, first, insert, run, statements};
use crate::users::user_by_id;
use crate::{SqliteStore, changing, listing, removing};

/// The columns of a namespace `n`, and the highest level that user `?2` has over the groups from it up.
macro_rules! NAMESPACE {
    () => {
        concat!(
            release_links_sql::namespace_columns!("n"),
            ", (SELECT max(m.level) FROM namespace_ancestors a CROSS JOIN group_members m
                WHERE a.namespace_id = n.id AND m.group_id = a.ancestor_id AND m.user_id = ?2)"
        )
    };
}

/// The columns of a group `n` with that level, and its full name.
macro_rules! GROUP {
    () => {
        concat!(
            $crate::groups::NAMESPACE!(),
            ", (SELECT group_concat(above.name, ' / ' ORDER BY length(above.full_path)) FROM namespace_ancestors a
                CROSS JOIN namespaces above WHERE a.namespace_id = n.id AND above.id = a.ancestor_id)"
        )
    };
}

pub(crate) use {GROUP, NAMESPACE};

statements! {
    GET = concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.id = ?1 AND n.user_id IS NULL
        AND n.full_path IS NOT NULL");
    GET_BY_PATH = concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.full_path = ?1 AND n.user_id IS NULL");
    NAMESPACE_AT = "SELECT 1 FROM namespaces WHERE full_path = ?1";
    PROJECT_AT = "SELECT 1 FROM namespaces n CROSS JOIN projects p
        WHERE n.full_path = ?1 AND p.namespace_id = n.id AND p.path = ?2";
    INSERT = concat!("INSERT INTO namespaces (", namespace_columns!(new), ")
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ", NOW!(), ", ?7)");
    INSERT_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
        SELECT ?1, ancestor_id FROM namespace_ancestors WHERE namespace_id = ?2 UNION ALL SELECT ?1, ?1";
}

/// Whether a user, group or project has this path.
pub fn path_is_taken(conn: &Connection, path: &FullPath) -> Result<bool, Failure> {
    let (above, own) = path.split();
    Ok(exists(conn, NAMESPACE_AT, params![path.as_str()])? || exists(conn, PROJECT_AT, params![above, own])?)
}

/// Stores a namespace whose path is free.
pub fn insert_namespace(conn: &Connection, new: &NewNamespace<'_>) -> Result<i64, Failure> {
    let NewNamespace { parent, user, name, path, full_path, visibility, created_at } = *new;
    let values = params![parent, user, name, path.as_str(), full_path.as_str(), visibility.as_str(), created_at];
    let id = insert(conn, INSERT, values)?;
    run(conn, INSERT_ANCESTORS, params![id, parent])?;
    forget_whole(conn, full_path)?;
    Ok(id)
}

/// A group as `viewer` stands in it.
pub fn group_view(conn: &Connection, group: i64, viewer: Option<UserId>) -> Result<Option<GroupView>, Failure> {
    first(conn, GET, params![group, viewer.map(UserId::get)], |row| self::group(row, 0))
}

/// As [`group_view`], of the group that a request names.
pub fn named_group_view(
    conn: &Connection,
    group: &GroupRef,
    viewer: Option<UserId>,
) -> Result<Option<GroupView>, Failure> {
    match group {
        GroupRef::Id(id) => group_view(conn, id.get(), viewer),
        GroupRef::Path(path) => {
            first(conn, GET_BY_PATH, params![path.as_str(), viewer.map(UserId::get)], |row| self::group(row, 0))
        }
    }
}

fn create(conn: &Connection, new: &NewGroup) -> Result<Group, TakenError<()>> {
    let full_path = match new.parent {
        None => new.path.clone().into(),
        Some(parent) => group_view(conn, parent.get(), None)?.ok_or(TakenError::Gone)?.group.full_path.join(&new.path),
    };
    if path_is_taken(conn, &full_path)? {
        return Err(TakenError::Taken(()));
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
    };
    let id = insert_namespace(conn, &namespace)?;
    if let Some(owner) = new.owner {
        user_by_id(conn, owner)?.ok_or(TakenError::Gone)?;
        insert_group_member(conn, id, owner, AccessLevel::Owner, created_at)?;
    }
    Ok(group_view(conn, id, None)?.ok_or(TakenError::Gone)?.group)
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
        self.read_long(move |conn| listing::groups(conn, &viewer, &filter, page)).await
    }

    async fn create(&self, group: NewGroup) -> Result<Group, TakenError<()>> {
        self.write(move |conn| create(conn, &group)).await
    }

    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, TakenError<()>> {
        self.write_alone(move |conn| changing::group(conn, group, &changes)).await
    }

    async fn delete(&self, group: GroupId) -> Result<bool, StoreError> {
        self.write_alone(move |conn| Ok(removing::group(conn, group)?)).await
    }
}
