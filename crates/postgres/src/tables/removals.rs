//! The queue of pending deletions.

use release_links_sql::removals::{Removal, Removed, removal};

use crate::failure::Failure;
use crate::query::{Session, statements};

statements! {
    ENQUEUE = "INSERT INTO removals (kind, target_id) VALUES ($1, $2)";
    NEWEST = "SELECT id, kind, target_id FROM removals WHERE id > 0 ORDER BY id DESC LIMIT 1";
    DEQUEUE = "DELETE FROM removals WHERE id = $1";
}

/// Queues something hidden for deletion.
pub async fn enqueue(session: &Session, removed: Removed, target: i64) -> Result<(), Failure> {
    session.run(ENQUEUE, &[&removed.as_str(), &target]).await?;
    Ok(())
}

/// Returns whether a deletion is pending.
pub async fn is_pending(session: &Session) -> Result<bool, Failure> {
    session.exists(NEWEST, &[]).await
}

/// Returns the newest pending deletion.
pub async fn newest(session: &Session) -> Result<Option<Removal>, Failure> {
    session.first(NEWEST, &[], |row| removal(row, 0)).await
}

/// Dequeues a deletion that is complete.
pub async fn dequeue(session: &Session, removal: i64) -> Result<(), Failure> {
    session.run(DEQUEUE, &[&removal]).await?;
    Ok(())
}
