//! Computes the versions of the tags that were stored without: those that an older server wrote.

use release_links_domain::version::VersionKey;
use rusqlite::{Connection, TransactionBehavior, params};

/// The number of tags of one transaction, so that a database with millions of them needs little memory.
const BATCH: i64 = 10_000;

const READ: &str = "SELECT id, name FROM tags WHERE version = x'' ORDER BY id LIMIT ?1";
const WRITE: &str = "UPDATE tags SET version = ?2 WHERE id = ?1";

/// Stores the version of each tag that has none stored yet.
pub fn compute(conn: &mut Connection) -> rusqlite::Result<()> {
    while compute_batch(conn)? > 0 {}
    Ok(())
}

/// Stores the versions of some tags, and returns how many there were.
fn compute_batch(conn: &mut Connection) -> rusqlite::Result<usize> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tags = {
        let mut read = transaction.prepare(READ)?;
        let tags = read.query_map([BATCH], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        tags.collect::<Result<Vec<_>, _>>()?
    };
    {
        let mut write = transaction.prepare(WRITE)?;
        for (id, name) in &tags {
            write.execute(params![id, VersionKey::of(name).as_ref().map(VersionKey::as_bytes)])?;
        }
    }
    transaction.commit()?;
    Ok(tags.len())
}
