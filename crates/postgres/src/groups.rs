//! The groups port, and what groups share with the namespaces of users.

use async_trait::async_trait;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::{FullPath, Group, GroupRef};
use release_links_domain::{GroupId, UserId};
use release_links_ports::{
    GroupChanges, GroupFilter, GroupRepository, GroupView, NewGroup, Page, PageRequest, StoreError, TakenError, Viewer,
};
use release_links_sql::namespace_columns;
use release_links_sql::namespaces::{self, NewNamespace};
use tokio_postgres::types::ToSql;

use crate::failure::Failure;
use crate::members::insert_group_member;
use crate::moves::{NOW, forget_whole};
use crate::query::{Session, Values, statements};
use crate::rows::Row;
use crate::users::user_by_id;
use crate::view::{Viewed, views};
use crate::{PostgresStore, changing, listing, removing};

/// The columns of a namespace `n`, and the highest level that user `$2` has over the groups from it up.
macro_rules! NAMESPACE {
    () => {
        concat!(
            release_links_sql::namespace_columns!("n"),
            ", (SELECT max(m.level) FROM namespace_ancestors a JOIN group_members m
                ON m.group_id = a.ancestor_id AND m.user_id = $2 WHERE a.namespace_id = n.id)"
        )
    };
}

/// The columns of a group `n` with that level, and its full name.
macro_rules! GROUP {
    () => {
        concat!(
            $crate::groups::NAMESPACE!(),
            ", (SELECT string_agg(above.name, ' / ' ORDER BY length(above.full_path)) FROM namespace_ancestors a
                JOIN namespaces above ON above.id = a.ancestor_id WHERE a.namespace_id = n.id)"
        )
    };
}

pub(crate) use {GROUP, NAMESPACE};

views! {
    NAMED = Viewed {
        by_id: concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.id = $1 AND n.user_id IS NULL
            AND n.full_path IS NOT NULL"),
        by_path: concat!("SELECT ", GROUP!(), " FROM namespaces n
            WHERE lower(n.full_path) = lower($1 COLLATE \"C\") AND n.user_id IS NULL"),
    };
}

statements! {
    GET = concat!("SELECT ", GROUP!(), " FROM namespaces n WHERE n.id = $1 AND n.user_id IS NULL
        AND n.full_path IS NOT NULL");
    TAKEN = "SELECT FROM namespaces WHERE lower(full_path) = lower($1 COLLATE \"C\")
        UNION ALL SELECT FROM namespaces n JOIN projects p ON p.namespace_id = n.id
            WHERE lower(n.full_path) = lower($2 COLLATE \"C\") AND lower(p.path) = lower($3 COLLATE \"C\")";
    INSERT = concat!("INSERT INTO namespaces (", namespace_columns!(new), ")
        VALUES ($1, $2, $3, $4, $5, $6, ", NOW!(), ", $7) RETURNING id");
    INSERT_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
        SELECT $1::bigint, ancestor_id FROM namespace_ancestors WHERE namespace_id = $2 UNION ALL SELECT $1, $1";
}

/// Whether a user, group or project has this path.
pub async fn path_is_taken(session: &Session, path: &FullPath) -> Result<bool, Failure> {
    let (above, own) = path.split();
    session.exists(TAKEN, &[&path.as_str(), &above, &own]).await
}

/// Stores a namespace whose path is free.
pub async fn insert_namespace(session: &Session, new: &NewNamespace<'_>) -> Result<i64, Failure> {
    let NewNamespace { parent, user, name, path, full_path, visibility, created_at } = *new;
    let (path, at, visibility) = (path.as_str(), full_path.as_str(), visibility.as_str());
    let id = session.insert(INSERT, &[&parent, &user, &name, &path, &at, &visibility, &created_at]).await?;
    session.run(INSERT_ANCESTORS, &[&id, &parent]).await?;
    forget_whole(session, full_path).await?;
    Ok(id)
}

/// A group as `viewer` stands in it.
pub async fn group_view(session: &Session, group: i64, viewer: Option<UserId>) -> Result<Option<GroupView>, Failure> {
    session.first(GET, &[&group, &viewer.map(UserId::get)], |row| namespaces::group(row, 0)).await
}

/// As [`group_view`], of the group that a request names.
pub async fn named_group_view(
    session: &Session,
    group: &GroupRef,
    viewer: Option<UserId>,
) -> Result<Option<GroupView>, Failure> {
    group_rows(session, NAMED.form(group), group, viewer, &[])
        .await?
        .first()
        .map(|row| namespaces::group(row, 0))
        .transpose()
}

/// The rows that a statement in the [form](Viewed::form) for it finds of the group that a request names, `values` being those from `$3` on.
pub async fn group_rows(
    session: &Session,
    sql: &str,
    group: &GroupRef,
    viewer: Option<UserId>,
    values: Values<'_>,
) -> Result<Vec<Row>, Failure> {
    let viewer = viewer.map(UserId::get);
    let by_id;
    let by_path;
    let named: &(dyn ToSql + Sync) = match group {
        GroupRef::Id(id) => {
            by_id = id.get();
            &by_id
        }
        GroupRef::Path(path) => {
            by_path = path.as_str();
            &by_path
        }
    };
    let mut all: Vec<&(dyn ToSql + Sync)> = vec![named, &viewer];
    all.extend_from_slice(values);
    session.rows(sql, &all).await
}

async fn create(session: &Session, new: &NewGroup) -> Result<Group, TakenError<()>> {
    session.begin_on_tree().await?;
    let full_path = match new.parent {
        None => new.path.clone().into(),
        Some(parent) => {
            let parent = group_view(session, parent.get(), None).await?.ok_or(TakenError::Gone)?;
            parent.group.full_path.join(&new.path)
        }
    };
    if path_is_taken(session, &full_path).await? {
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
    let id = insert_namespace(session, &namespace).await?;
    if let Some(owner) = new.owner {
        user_by_id(session, owner).await?.ok_or(TakenError::Gone)?;
        insert_group_member(session, id, owner, AccessLevel::Owner, created_at).await?;
    }
    Ok(group_view(session, id, None).await?.ok_or(TakenError::Gone)?.group)
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
        Ok(listing::groups(&self.session_for_list().await?, &viewer, &filter, page).await?)
    }

    async fn create(&self, group: NewGroup) -> Result<Group, TakenError<()>> {
        let session = self.session().await?;
        let outcome = create(&session, &group).await;
        session.settle(outcome).await
    }

    async fn update(&self, group: GroupId, changes: GroupChanges) -> Result<Group, TakenError<()>> {
        let session = self.session_for_long().await?;
        let outcome = changing::group(&session, group, &changes).await;
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
