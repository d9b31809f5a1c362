//! Hides users and namespaces that are deleted; see [`crate::removing`].

use release_links_domain::address::Holder;
use release_links_domain::{NamespaceId, UserId};
use release_links_sql::removals::Removed;

use crate::burning::burn_below;
use crate::failure::Failure;
use crate::query::{Session, statements};
use crate::tables::left_places::{address_of_namespace, record_departure};
use crate::tables::removals::enqueue;

statements! {
    HIDE_NAMESPACES_BELOW = "UPDATE namespaces SET full_path = NULL WHERE id IN
        (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = $1) AND full_path IS NOT NULL";
    DETACH_NAMESPACE = "UPDATE namespaces SET parent_id = NULL, user_id = NULL WHERE id = $1";
    // Excludes transactions that create a token of the user.
    LOCK_USER = "SELECT FROM users WHERE id = $1 AND email IS NOT NULL FOR UPDATE";
    HIDE_USER = "UPDATE users SET email = NULL, administrator = FALSE WHERE id = $1";
    OWN_NAMESPACE = "SELECT id FROM namespaces WHERE user_id = $1";
}

/// Hides a user and their namespace, and queues both for deletion. Does nothing if the user is hidden already.
pub async fn hide_user(session: &Session, user: UserId) -> Result<(), Failure> {
    if !session.exists(LOCK_USER, &[&user.get()]).await? {
        return Ok(());
    }
    session.run(HIDE_USER, &[&user.get()]).await?;
    let own = session.first(OWN_NAMESPACE, &[&user.get()], |row| row.get::<i64>(0)).await?;
    if let Some(namespace) = own.and_then(|id| NamespaceId::try_from(id).ok()) {
        hide_namespace(session, namespace).await?;
    }
    enqueue(session, Removed::User, user.get()).await
}

/// Hides a namespace and everything below it, and queues it for deletion. The old paths of projects that have moved out
/// of it still lead to them.
pub async fn hide_namespace(session: &Session, namespace: NamespaceId) -> Result<(), Failure> {
    burn_below(session, namespace).await?;
    if let Some(place) = address_of_namespace(session, namespace).await? {
        record_departure(session, &place, Holder::Namespace(namespace)).await?;
    }
    session.run(HIDE_NAMESPACES_BELOW, &[&namespace.get()]).await?;
    session.run(DETACH_NAMESPACE, &[&namespace.get()]).await?;
    enqueue(session, Removed::Namespace, namespace.get()).await
}
