//! Updates and deletes users, and keeps an administrator and the owners of groups.

use release_links_domain::UserId;
use release_links_domain::access::AccessLevel;
use release_links_domain::membership::needs_another_administrator;
use release_links_domain::namespace::{DisplayName, FullPath, PathSegment};
use release_links_domain::user::{EmailAddress, User};
use release_links_ports::{UserChanges, UserTaken, UserWriteError};
use release_links_sql::namespaces::id_and_path;

use crate::failure::Failure;
use crate::hiding::hide_user;
use crate::query::{Session, statements};
use crate::tables::left_places::move_namespace;
use crate::tables::namespaces::path_is_taken;
use crate::tables::users::{IS_THERE, user_by_id};

statements! {
    OTHER_ADMINISTRATOR = "SELECT FROM users WHERE id <> $1 AND administrator AND NOT bot LIMIT 1";
    EMAIL_OF_ANOTHER = "SELECT FROM users WHERE lower(email) = lower($2 COLLATE \"C\") AND id <> $1";
    OWN_NAMESPACE = "SELECT id, full_path FROM namespaces WHERE user_id = $1";
    SET_USER = "UPDATE users SET name = coalesce($2, name), email = coalesce($3, email),
        administrator = coalesce($4, administrator) WHERE id = $1";
    SET_NAMESPACE = "UPDATE namespaces SET name = coalesce($2, name), path = coalesce($3, path) WHERE user_id = $1";
    // A group where user $1 is an owner and neither it nor an ancestor has another.
    OWNED_ALONE = concat!("SELECT FROM group_members own WHERE own.user_id = $1 AND own.level = $2
        AND EXISTS (SELECT FROM namespaces WHERE id = own.group_id AND full_path IS NOT NULL)
        AND NOT EXISTS (SELECT FROM namespace_ancestors a JOIN group_members m ON m.group_id = a.ancestor_id
            JOIN users u ON u.id = m.user_id WHERE a.namespace_id = own.group_id AND m.level = $2 AND m.user_id <> $1
                AND ", IS_THERE!(), ") LIMIT 1");
}

impl From<Failure> for UserWriteError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

/// Refuses a change that would leave no other administrator. Bots, which an older version let be administrators, do not
/// count.
async fn leave_an_administrator(
    session: &Session,
    user: &User,
    stays_administrator: bool,
) -> Result<(), UserWriteError> {
    if needs_another_administrator(user, stays_administrator)
        && !session.exists(OTHER_ADMINISTRATOR, &[&user.id.get()]).await?
    {
        return Err(UserWriteError::LastAdministrator);
    }
    Ok(())
}

/// Updates a user.
pub async fn update(session: &Session, id: UserId, changes: &UserChanges) -> Result<User, UserWriteError> {
    session.begin_on_tree().await?;
    let user = user_by_id(session, id).await?.ok_or(UserWriteError::Gone)?;
    leave_an_administrator(session, &user, changes.administrator != Some(false)).await?;
    if let Some(username) = &changes.username {
        rename(session, id, username).await?;
    }
    let email = changes.email.as_ref().map(EmailAddress::as_str);
    if email.is_some() && session.exists(EMAIL_OF_ANOTHER, &[&id.get(), &email]).await? {
        return Err(UserWriteError::Taken(UserTaken::Email));
    }
    let name = changes.name.as_ref().map(DisplayName::as_str);
    session.run(SET_USER, &[&id.get(), &name, &email, &changes.administrator]).await?;
    let path = changes.username.as_ref().map(PathSegment::as_str);
    session.run(SET_NAMESPACE, &[&id.get(), &name, &path]).await?;
    user_by_id(session, id).await?.ok_or(UserWriteError::Gone)
}

/// Renames a user's namespace to the new username.
async fn rename(session: &Session, user: UserId, username: &PathSegment) -> Result<(), UserWriteError> {
    let own = session.first(OWN_NAMESPACE, &[&user.get()], |row| id_and_path(row, 0)).await?;
    let (namespace, old) = own.ok_or(UserWriteError::Gone)?;
    let new = FullPath::from(username.clone());
    // A change of case alone conflicts with nothing.
    if !old.as_str().eq_ignore_ascii_case(new.as_str()) && path_is_taken(session, &new).await? {
        return Err(UserWriteError::Taken(UserTaken::Username));
    }
    if old != new {
        move_namespace(session, namespace, &old, &new).await?;
    }
    Ok(())
}

/// Deletes a user and everything in their namespace.
pub async fn delete(session: &Session, id: UserId) -> Result<(), UserWriteError> {
    session.begin_on_tree().await?;
    let user = user_by_id(session, id).await?.ok_or(UserWriteError::Gone)?;
    leave_an_administrator(session, &user, false).await?;
    if session.exists(OWNED_ALONE, &[&id.get(), &AccessLevel::Owner.number()]).await? {
        return Err(UserWriteError::LastOwner);
    }
    Ok(hide_user(session, id).await?)
}
