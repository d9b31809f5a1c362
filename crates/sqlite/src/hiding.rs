//! Hides users and namespaces that are deleted; see [`crate::removing`].

use release_links_domain::address::Holder;
use release_links_domain::{NamespaceId, UserId};
use release_links_sql::removals::Removed;
use rusqlite::{Connection, params};

use crate::burning::burn_below;
use crate::failure::Failure;
use crate::query::{count_changed, first, run, statements};
use crate::tables::left_places::{address_of_namespace, record_departure};
use crate::tables::removals::enqueue;

statements! {
    HIDE_NAMESPACES_BELOW = "UPDATE namespaces SET full_path = NULL WHERE id IN
        (SELECT namespace_id FROM namespace_ancestors WHERE ancestor_id = ?1) AND full_path IS NOT NULL";
    DETACH_NAMESPACE = "UPDATE namespaces SET parent_id = NULL, user_id = NULL WHERE id = ?1";
    HIDE_USER = "UPDATE users SET email = NULL, administrator = 0 WHERE id = ?1 AND email IS NOT NULL";
    OWN_NAMESPACE = "SELECT id FROM namespaces WHERE user_id = ?1";
}

/// Hides a user and their namespace, and queues both for deletion. Does nothing if the user is hidden already.
pub fn hide_user(conn: &Connection, user: UserId) -> Result<(), Failure> {
    if count_changed(conn, HIDE_USER, params![user.get()])? == 0 {
        return Ok(());
    }
    let own: Option<i64> = first(conn, OWN_NAMESPACE, params![user.get()], |row| row.get(0))?;
    if let Some(namespace) = own.and_then(|id| NamespaceId::try_from(id).ok()) {
        hide_namespace(conn, namespace)?;
    }
    enqueue(conn, Removed::User, user.get())
}

/// Hides a namespace and everything below it, and queues it for deletion. The old paths of projects that have moved out
/// of it still lead to them.
pub fn hide_namespace(conn: &Connection, namespace: NamespaceId) -> Result<(), Failure> {
    burn_below(conn, namespace)?;
    if let Some(place) = address_of_namespace(conn, namespace)? {
        record_departure(conn, &place, Holder::Namespace(namespace))?;
    }
    run(conn, HIDE_NAMESPACES_BELOW, params![namespace.get()])?;
    run(conn, DETACH_NAMESPACE, params![namespace.get()])?;
    enqueue(conn, Removed::Namespace, namespace.get())
}
