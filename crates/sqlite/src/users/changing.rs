//! Updates and deletes users, and keeps an administrator and the owners of groups.

use release_links_domain::access::AccessLevel;
use release_links_domain::membership::needs_another_administrator;
use release_links_domain::namespace::{DisplayName, FullPath, PathSegment};
use release_links_domain::user::{EmailAddress, User};
use release_links_domain::{NamespaceId, UserId};
use release_links_ports::{UserChanges, UserTaken, UserWriteError};
use release_links_sql::namespaces::id_and_path;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::query::{exists, first, run, statements};
use crate::removing;
use crate::tables::left_places::move_namespace;
use crate::tables::namespaces::path_is_taken;
use crate::tables::users::{IS_THERE, user_by_id};

statements! {
    OTHER_ADMINISTRATOR = "SELECT 1 FROM users WHERE id > 0 AND id <> ?1 AND administrator = 1 AND bot = 0 LIMIT 1";
    EMAIL_OF_ANOTHER = "SELECT 1 FROM users WHERE email = ?2 AND id <> ?1";
    OWN_NAMESPACE = "SELECT id, full_path FROM namespaces WHERE user_id = ?1";
    SET_USER = "UPDATE users SET name = ifnull(?2, name), email = ifnull(?3, email),
        administrator = ifnull(?4, administrator) WHERE id = ?1";
    SET_NAMESPACE = "UPDATE namespaces SET name = ifnull(?2, name), path = ifnull(?3, path) WHERE user_id = ?1";
    // A group where user ?1 is an owner and neither it nor an ancestor has another.
    OWNED_ALONE = concat!("SELECT 1 FROM group_members own WHERE own.user_id = ?1 AND own.level = ?2
        AND EXISTS (SELECT 1 FROM namespaces WHERE id = own.group_id AND full_path IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM namespace_ancestors a CROSS JOIN group_members m CROSS JOIN users u
            WHERE a.namespace_id = own.group_id AND m.group_id = a.ancestor_id AND m.level = ?2 AND m.user_id <> ?1
                AND u.id = m.user_id AND ", IS_THERE!(), ")");
}

impl From<Failure> for UserWriteError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

/// Refuses a change that would leave no other administrator. Bots, which an older version let be administrators, do not
/// count.
fn leave_an_administrator(conn: &Connection, user: &User, stays_administrator: bool) -> Result<(), UserWriteError> {
    if needs_another_administrator(user, stays_administrator)
        && !exists(conn, OTHER_ADMINISTRATOR, params![user.id.get()])?
    {
        return Err(UserWriteError::LastAdministrator);
    }
    Ok(())
}

/// Updates a user.
pub fn update(conn: &Connection, id: UserId, changes: &UserChanges) -> Result<User, UserWriteError> {
    let user = user_by_id(conn, id)?.ok_or(UserWriteError::Gone)?;
    leave_an_administrator(conn, &user, changes.administrator != Some(false))?;
    if let Some(username) = &changes.username {
        rename(conn, id, username)?;
    }
    let email = changes.email.as_ref().map(EmailAddress::as_str);
    if email.is_some() && exists(conn, EMAIL_OF_ANOTHER, params![id.get(), email])? {
        return Err(UserWriteError::Taken(UserTaken::Email));
    }
    let name = changes.name.as_ref().map(DisplayName::as_str);
    run(conn, SET_USER, params![id.get(), name, email, changes.administrator])?;
    let path = changes.username.as_ref().map(PathSegment::as_str);
    run(conn, SET_NAMESPACE, params![id.get(), name, path])?;
    user_by_id(conn, id)?.ok_or(UserWriteError::Gone)
}

/// Renames a user's namespace to the new username.
fn rename(conn: &Connection, user: UserId, username: &PathSegment) -> Result<(), UserWriteError> {
    let own: Option<(NamespaceId, FullPath)> =
        first(conn, OWN_NAMESPACE, params![user.get()], |row| id_and_path(row, 0))?;
    let (namespace, old) = own.ok_or(UserWriteError::Gone)?;
    let new = FullPath::from(username.clone());
    // A change of case alone conflicts with nothing.
    if !old.as_str().eq_ignore_ascii_case(new.as_str()) && path_is_taken(conn, &new)? {
        return Err(UserWriteError::Taken(UserTaken::Username));
    }
    if old != new {
        move_namespace(conn, namespace, &old, &new)?;
    }
    Ok(())
}

/// Deletes a user and everything in their namespace.
pub fn delete(conn: &Connection, id: UserId) -> Result<(), UserWriteError> {
    let user = user_by_id(conn, id)?.ok_or(UserWriteError::Gone)?;
    leave_an_administrator(conn, &user, false)?;
    if exists(conn, OWNED_ALONE, params![id.get(), AccessLevel::Owner.number()])? {
        return Err(UserWriteError::LastOwner);
    }
    Ok(removing::user(conn, id)?)
}
