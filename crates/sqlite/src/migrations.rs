//! The schema, as an append-only list of migrations.

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use crate::versions;

/// The application id in the header of a database, `RLNK`. It keeps the service from writing to another program's
/// database.
pub const APPLICATION_ID: i64 = 0x524c_4e4b;

const STEPS: &[M<'static>] = &[
    M::up(include_str!("../migrations/0001_initial.sql")),
    M::up(include_str!("../migrations/0002_places.sql")).foreign_key_check(),
    M::up(include_str!("../migrations/0003_tags_by_creation.sql")),
    M::up(include_str!("../migrations/0004_versions_of_tags.sql")),
    M::up(include_str!("../migrations/0005_fields.sql")),
    M::up(include_str!("../migrations/0006_orders_of_lists.sql")),
    M::up(include_str!("../migrations/0007_digests.sql")),
    M::up(include_str!("../migrations/0008_links_on_conflict.sql")),
    M::up(include_str!("../migrations/0009_positions.sql")),
    M::up(include_str!("../migrations/0010_versions_of_releases.sql")),
    M::up(include_str!("../migrations/0011_release_channels.sql")),
    M::up(include_str!("../migrations/0012_history.sql")),
    M::up(include_str!("../migrations/0013_packages.sql")),
    M::up(include_str!("../migrations/0014_uploads.sql")),
    M::up(include_str!("../migrations/0015_links_to_files.sql")),
    M::up(include_str!("../migrations/0016_keys.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// Returns the newest schema version that this release knows.
pub fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Migrates the schema to the newest version. Several servers may do so at once: the version is read before the
/// transaction begins, so a server that waited for another fails, and finds nothing left to do when it tries again.
///
/// Foreign keys must be off, or recreating a table would delete the rows that refer to it.
pub fn migrate(conn: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    conn.set_transaction_behavior(TransactionBehavior::Immediate);
    MIGRATIONS.to_latest(conn).or_else(|_| MIGRATIONS.to_latest(conn))?;
    Ok(versions::compute(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_valid() {
        assert_eq!(MIGRATIONS.validate(), Ok(()));
    }

    #[test]
    fn a_link_from_before_the_history_leads_where_it_led_since_the_migration() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        MIGRATIONS.to_version(&mut conn, 11).unwrap();
        conn.execute_batch(
            "INSERT INTO links (project_id, release_id, name, url, link_type) VALUES (1, 1, 'a', 'http://a', 'other')",
        )
        .unwrap();
        migrate(&mut conn).unwrap();
        let read =
            "SELECT since BETWEEN 1000 * unixepoch('now', '-1 day') AND 1000 * unixepoch('now', '+1 day'), since_seq
            FROM links";
        let found: (bool, i64) = conn.query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (true, 0));
    }

    #[test]
    fn a_migrated_database_has_the_application_id() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        migrate(&mut conn).unwrap();
        let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((pragma("application_id"), pragma("user_version")), (APPLICATION_ID, newest()));
    }
}
