//! The schema, as an append-only list of steps.

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

/// What the header of our databases says, so that no other program's file is changed by mistake: `RLNK`.
pub const APPLICATION_ID: i64 = 0x524c_4e4b;

const STEPS: &[M<'static>] = &[
    M::up(include_str!("../migrations/0001_initial.sql")),
    M::up(include_str!("../migrations/0002_places.sql")).foreign_key_check(),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// The version of the newest schema that is known here.
pub fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Brings the schema up to date. Several servers may do so at once: the version is read before the transaction begins, so
/// one that waited for another fails, and finds nothing left to do when it looks again.
///
/// Foreign keys must be off, or tables that are made anew would take with them what refers to them.
pub fn migrate(conn: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    conn.set_transaction_behavior(TransactionBehavior::Immediate);
    MIGRATIONS.to_latest(conn).or_else(|_| MIGRATIONS.to_latest(conn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_hold_together() {
        assert_eq!(MIGRATIONS.validate(), Ok(()));
    }

    #[test]
    fn a_migrated_database_is_marked_as_ours() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        migrate(&mut conn).unwrap();
        let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((pragma("application_id"), pragma("user_version")), (APPLICATION_ID, newest()));
    }
}
