//! The queue of pending deletions.

use release_links_sql::removals::{Removal, Removed, removal};

use crate::failure::Failure;
use crate::query::{Session, statements};

statements! {
    PUT_OFF = "INSERT INTO removals (kind, target_id) VALUES ($1, $2)";
    LAST = "SELECT id, kind, target_id FROM removals WHERE id > 0 ORDER BY id DESC LIMIT 1";
    DONE = "DELETE FROM removals WHERE id = $1";
}

/// Queues something hidden for deletion.
pub async fn put_off(session: &Session, removed: Removed, target: i64) -> Result<(), Failure> {
    session.run(PUT_OFF, &[&removed.as_str(), &target]).await?;
    Ok(())
}

/// Returns whether a deletion is pending.
pub async fn is_due(session: &Session) -> Result<bool, Failure> {
    session.exists(LAST, &[]).await
}

/// Returns the newest pending deletion.
pub async fn last(session: &Session) -> Result<Option<Removal>, Failure> {
    session.first(LAST, &[], |row| removal(row, 0)).await
}

/// Dequeues a deletion that is complete.
pub async fn done(session: &Session, removal: i64) -> Result<(), Failure> {
    session.run(DONE, &[&removal]).await?;
    Ok(())
}
