//! The users port.

pub mod changing;

use async_trait::async_trait;
use release_links_domain::namespace::FullPath;
use release_links_domain::user::{User, UserRef};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{
    NewToken, NewUser, Page, PageRequest, SearchedFields, StoreError, UserChanges, UserFilter, UserRepository,
    UserTaken, UserWriteError, WriteError,
};
use release_links_sql::namespaces::NewNamespace;
use release_links_sql::users::refused_first;
use rusqlite::Connection;

use crate::SqliteStore;
use crate::tables::namespaces::{insert_namespace, own_namespace_view, path_is_taken};
use crate::tables::tokens::create_personal;
use crate::tables::users::{self, named_user, user_by_id};

fn create(conn: &Connection, new: &NewUser) -> Result<User, WriteError<UserTaken>> {
    let full_path = FullPath::from(new.username.clone());
    if path_is_taken(conn, &full_path)? {
        return Err(WriteError::Conflict(UserTaken::Username));
    }
    if users::email_is_taken(conn, &new.email)? {
        return Err(WriteError::Conflict(UserTaken::Email));
    }
    let created_at = new.created_at.as_millisecond();
    let user = users::insert_user(conn, new)?;
    insert_namespace(conn, &NewNamespace::of_user(user, &new.name, &new.username, &full_path, created_at))?;
    let user = UserId::try_from(user).map_err(|_| WriteError::Gone)?;
    user_by_id(conn, user)?.ok_or(WriteError::Gone)
}

fn create_first(conn: &Connection, new: &NewUser, token: &NewToken) -> Result<Option<User>, StoreError> {
    if users::any(conn)? {
        return Ok(None);
    }
    let user = create(conn, new).map_err(refused_first)?;
    create_personal(conn, user.id, token).map_err(refused_first)?;
    Ok(Some(user))
}

#[async_trait]
impl UserRepository for SqliteStore {
    async fn create_first(&self, user: NewUser, token: NewToken) -> Result<Option<User>, StoreError> {
        self.write(move |conn| create_first(conn, &user, &token)).await
    }

    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError> {
        self.read(|conn| user_by_id(conn, user)).await
    }

    async fn find(&self, user: &UserRef) -> Result<Option<(User, NamespaceId)>, StoreError> {
        self.read(|conn| {
            let Some(user) = named_user(conn, user)? else { return Ok(None) };
            Ok(own_namespace_view(conn, user.id)?.map(|home| (user, home.namespace.id)))
        })
        .await
    }

    async fn list(
        &self,
        filter: &UserFilter,
        fields: SearchedFields,
        page: PageRequest,
    ) -> Result<Page<User>, StoreError> {
        let filter = filter.clone();
        self.read_long(move |conn| users::list(conn, &filter, fields, page)).await
    }

    async fn create(&self, user: NewUser) -> Result<User, WriteError<UserTaken>> {
        self.write(move |conn| create(conn, &user)).await
    }

    async fn update(&self, user: UserId, changes: UserChanges) -> Result<User, UserWriteError> {
        self.write_alone(move |conn| changing::update(conn, user, &changes)).await
    }

    async fn delete(&self, user: UserId) -> Result<(), UserWriteError> {
        self.write_alone(move |conn| changing::delete(conn, user)).await
    }
}
