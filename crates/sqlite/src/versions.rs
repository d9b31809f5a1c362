//! Computes the versions of the tags that were stored without: those that an older server wrote.

use release_links_domain::version::VersionKey;
use rusqlite::{Connection, TransactionBehavior, params};

/// The number of tags of one transaction, so that a database with millions of them needs little memory.
const BATCH: i64 = 10_000;

const PENDING: &str = "SELECT 1 FROM tags WHERE version = x''";
const READ: &str = "SELECT id, name FROM tags WHERE version = x'' ORDER BY id LIMIT ?1";
const WRITE: &str = "UPDATE tags SET version = ?2 WHERE id = ?1";

/// Stores the version of each tag that has none stored yet. Without such a tag, it only reads, so it never waits for a
/// lock.
pub fn compute(conn: &mut Connection) -> rusqlite::Result<()> {
    while conn.prepare(PENDING)?.exists([])? {
        compute_batch(conn)?;
    }
    Ok(())
}

/// Stores the versions of some tags.
fn compute_batch(conn: &mut Connection) -> rusqlite::Result<()> {
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
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::migrate;

    #[test]
    fn a_database_without_such_tags_is_opened_although_another_process_writes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        let mut conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF").unwrap();
        migrate(&mut conn).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        conn.execute_batch("PRAGMA busy_timeout = 0").unwrap();
        assert_eq!(compute(&mut conn), Ok(()));
    }
}
