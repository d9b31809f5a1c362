//! The users port.

use std::fmt::Debug;

use async_trait::async_trait;
use release_links_domain::UserId;
use release_links_domain::namespace::FullPath;
use release_links_domain::project::Visibility;
use release_links_domain::user::User;
use release_links_ports::{NewToken, NewUser, StoreError, TakenError, UserRepository, UserTaken};
use rusqlite::{Connection, Row, params};

use crate::SqliteStore;
use crate::failure::Failure;
use crate::groups::{NewNamespace, insert_namespace, path_is_taken};
use crate::query::{exists, first, insert, statements};
use crate::rows::Cells;
use crate::tokens::create_personal;

/// The columns of a user `u` with the namespace `un`.
macro_rules! USER {
    () => {
        "u.id, u.name, u.email, u.administrator, u.bot, un.id, un.path"
    };
}

pub(crate) use USER;

/// Where the namespace of a user begins within [`USER`].
const NAMESPACE_AFTER: usize = 5;

statements! {
    GET = concat!("SELECT ", USER!(), " FROM users u JOIN namespaces un ON un.user_id = u.id WHERE u.id = ?1");
    ANY = "SELECT 1 FROM users WHERE id > 0 LIMIT 1";
    EMAIL_EXISTS = "SELECT 1 FROM users WHERE email = ?1";
    INSERT = "INSERT INTO users (name, email, administrator, bot, created_at) VALUES (?1, ?2, ?3, 0, ?4)";
}

/// A user from the columns of [`USER`], of which the first is column `at`.
pub fn user(row: &Row<'_>, at: usize) -> Result<User, Failure> {
    let cells = Cells::new(row, "users", at)?;
    let namespace = Cells::new(row, "namespaces", at + NAMESPACE_AFTER)?;
    Ok(User {
        id: cells.id()?,
        username: namespace.text(1, "path")?,
        name: cells.raw(1, "name")?,
        email: cells.raw(2, "email")?,
        administrator: cells.raw(3, "administrator")?,
        bot: cells.raw(4, "bot")?,
    })
}

/// As [`user`]; none when the columns are null.
pub fn maybe_user(row: &Row<'_>, at: usize) -> Result<Option<User>, Failure> {
    let id: Option<i64> = row.get(at)?;
    id.map(|_| user(row, at)).transpose()
}

/// One user.
pub fn user_by_id(conn: &Connection, id: UserId) -> Result<Option<User>, Failure> {
    first(conn, GET, params![id.get()], |row| user(row, 0))
}

fn create(conn: &Connection, new: &NewUser) -> Result<User, TakenError<UserTaken>> {
    let full_path = FullPath::from(new.username.clone());
    if path_is_taken(conn, &full_path)? {
        return Err(TakenError::Taken(UserTaken::Username));
    }
    if exists(conn, EMAIL_EXISTS, params![new.email])? {
        return Err(TakenError::Taken(UserTaken::Email));
    }
    let created_at = new.created_at.as_millisecond();
    let user = insert(conn, INSERT, params![new.name, new.email, new.administrator, created_at])?;
    let namespace = NewNamespace {
        parent: None,
        user: Some(user),
        name: &new.name,
        path: &new.username,
        full_path: &full_path,
        visibility: Visibility::Public,
        created_at,
    };
    insert_namespace(conn, &namespace)?;
    first(conn, GET, params![user], |row| self::user(row, 0))?.ok_or(TakenError::Gone)
}

fn create_first(conn: &Connection, new: &NewUser, token: &NewToken) -> Result<Option<User>, StoreError> {
    if exists(conn, ANY, [])? {
        return Ok(None);
    }
    let user = create(conn, new).map_err(must_be_free)?;
    create_personal(conn, user.id, token).map_err(must_be_free)?;
    Ok(Some(user))
}

/// Without users there is nothing that could be in the way of the first.
fn must_be_free<T: Debug + Send + Sync + 'static>(refusal: TakenError<T>) -> StoreError {
    match refusal {
        TakenError::Store(error) => error,
        refused => StoreError::Internal(refused.into()),
    }
}

#[async_trait]
impl UserRepository for SqliteStore {
    async fn create_first(&self, user: NewUser, token: NewToken) -> Result<Option<User>, StoreError> {
        self.write(move |conn| create_first(conn, &user, &token)).await
    }

    async fn get(&self, user: UserId) -> Result<Option<User>, StoreError> {
        self.read(|conn| user_by_id(conn, user))
    }

    async fn create(&self, user: NewUser) -> Result<User, TakenError<UserTaken>> {
        self.write(move |conn| create(conn, &user)).await
    }
}
