//! Computes the versions of the tags and releases that were stored without: those that an older server wrote.

use release_links_domain::version::TagVersion;
use rusqlite::{Connection, TransactionBehavior, params};

/// The number of rows of one transaction, so that a database with millions of them needs little memory.
const BATCH: i64 = 10_000;

/// The version `computed` for the row with the id `?1`.
macro_rules! update {
    ($table:literal, $columns:literal) => {
        concat!(
            "WITH computed (id, version, prefix, prerelease) AS (VALUES (?1, ?2, ?3, ?4)) UPDATE ",
            $table,
            " SET ",
            $columns,
            " FROM computed WHERE ",
            $table,
            ".id = computed.id"
        )
    };
}

const TAGS: &str = "SELECT id, name FROM tags WHERE version = x'' ORDER BY id LIMIT ?1";
const SET_OF_TAG: &str = update!("tags", "version = computed.version");
const RELEASES: &str = "SELECT id, tag FROM releases WHERE version = x'' ORDER BY id LIMIT ?1";
const SET_OF_RELEASE: &str = update!(
    "releases",
    "version = computed.version, version_prefix = computed.prefix, prerelease = computed.prerelease"
);

/// Stores the version of each tag and each release that has none stored yet. Without such a row, it only
/// reads, so it never waits for a lock.
pub fn compute(conn: &mut Connection) -> rusqlite::Result<()> {
    for (read, write) in [(TAGS, SET_OF_TAG), (RELEASES, SET_OF_RELEASE)] {
        while conn.prepare(read)?.exists([1])? {
            compute_batch(conn, read, write)?;
        }
    }
    Ok(())
}

/// Stores the versions of some rows.
fn compute_batch(conn: &mut Connection, read: &str, write: &str) -> rusqlite::Result<()> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tags = {
        let mut read = transaction.prepare(read)?;
        let tags = read.query_map([BATCH], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        tags.collect::<Result<Vec<_>, _>>()?
    };
    {
        let mut write = transaction.prepare(write)?;
        for (id, name) in &tags {
            let version = TagVersion::of(name);
            let key = version.as_ref().map(|version| version.key.as_bytes());
            let is_prerelease = version.as_ref().is_some_and(|version| version.key.is_prerelease());
            write.execute(params![id, key, version.as_ref().map(|version| version.prefix), is_prerelease])?;
        }
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::migrate;

    #[test]
    fn a_database_without_such_rows_is_opened_although_another_process_writes() {
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
