//! Opens a database file: creates it, checks that it belongs to release-links, migrates it, and sets and checks
//! pragmas.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use release_links_ports::BoxError;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use rusqlite_migration::Error as MigrationError;

use crate::failure::in_words;
use crate::file::{self, beside, connect, create, or_current, sync};
use crate::migrations::{self, APPLICATION_ID};
use crate::refusal::{may_explain, refusal};
use crate::replicated;

/// The timeout for a lock that another process holds, in milliseconds.
pub const BUSY_TIMEOUT: &str = "2000";
/// The same timeout while the database is opened, when another process may be migrating it.
const BUSY_TIMEOUT_AT_START: &str = "5000";
/// The same, for what `SQLite` refuses at once instead of waiting for the lock.
const PATIENCE_AT_START: Duration = Duration::from_secs(5);
/// The pause between two attempts at that.
const PAUSE: Duration = Duration::from_millis(10);
/// The number of prepared statements that a connection caches, more than there are.
pub const CACHED_STATEMENTS: usize = 128;

/// Why a database cannot be opened. The messages are for operators.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory of the file is missing and cannot be created.
    #[error("cannot create the directory {}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The cause.
        #[source]
        source: BoxError,
    },
    /// The file cannot be opened, read or written.
    #[error("cannot open the database {}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: BoxError,
    },
    /// The file is not a SQLite database.
    #[error("{} is not a SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database belongs to another program.
    #[error("{} is the database of another program", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of release-links created the database.
    #[error(
        "the database {} was created by a newer version of release-links: its schema version is {found}, and this one knows only up to {known}",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of the database's schema.
        found: i64,
        /// The newest version that this release knows.
        known: i64,
    },
    /// The schema cannot be migrated.
    #[error("cannot migrate the database {}", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: BoxError,
    },
    /// The database does not accept a setting that protects its data.
    #[error("the database {} does not accept {pragma} = {wanted}; it stays {found}", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The pragma.
        pragma: &'static str,
        /// The required value.
        wanted: &'static str,
        /// The actual value.
        found: String,
    },
}

/// Creates the directory of a new database and its missing parents.
///
/// # Errors
/// [`OpenError::Directory`].
pub fn create_directory(directory: &Path) -> Result<(), OpenError> {
    file::create_directory(directory).map_err(|error| OpenError::Directory {
        path: directory.to_owned(),
        source: refusal(directory).map_or_else(|| error.into(), Into::into),
    })
}

/// Opens the connection that writes, creating the file and its directory if they are missing.
pub fn open_for_writing(path: &Path) -> Result<Connection, OpenError> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty())
        && !path.exists()
    {
        create_directory(directory)?;
    }
    create(path).map_err(|error| OpenError::Unusable {
        path: path.to_owned(),
        source: refusal(path).map_or_else(|| error.into(), Into::into),
    })?;
    let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| unusable(path, &error))?;
    // SQLite opens a file that it may not write for reading alone.
    if conn.is_readonly(MAIN_DB).map_err(|error| unusable(path, &error))? {
        let source = refusal(path).map_or_else(|| "it cannot be written".into(), Into::into);
        return Err(OpenError::Unusable { path: path.to_owned(), source });
    }
    set(&conn, path, "busy_timeout", BUSY_TIMEOUT_AT_START, BUSY_TIMEOUT_AT_START)?;
    conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    keep_plans(&conn).map_err(|error| unusable(path, &error))?;
    recognise(&conn, path)?;
    for (pragma, value, reads_as) in
        [("journal_mode", "WAL", "wal"), ("synchronous", "FULL", "2"), ("foreign_keys", "OFF", "0")]
    {
        set(&conn, path, pragma, value, reads_as)?;
    }
    migrations::migrate(&mut conn).map_err(|error| match error {
        MigrationError::RusqliteError { err, .. } if may_explain(&err) => unusable(path, &err),
        error => OpenError::Migration { path: path.to_owned(), source: error.into() },
    })?;
    set(&conn, path, "foreign_keys", "ON", "1")?;
    set(&conn, path, "busy_timeout", BUSY_TIMEOUT, BUSY_TIMEOUT)?;
    replicated::prepare(&conn);
    sync_log(path).map_err(|source| OpenError::Unusable { path: path.to_owned(), source: source.into() })?;
    Ok(conn)
}

/// Syncs the write-ahead log. A killed process may leave commits in it that never reached the disk. They are read from
/// now on, and a later write that changes nothing would have nothing to sync.
fn sync_log(path: &Path) -> io::Result<()> {
    match sync(&beside(path, "-wal")) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    path.parent().map_or(Ok(()), |directory| sync(or_current(directory)))
}

/// Keeps the plan of a prepared statement independent of its parameters. Otherwise `SQLite` prepares a statement with a
/// `LIMIT` again each time.
pub fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Refuses the database of another program or of a newer version, before anything in it is changed.
pub fn recognise(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let number = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|error| unusable(path, &error));
    // Litestream makes its tables in any file that it is told to replicate, even an empty one that the server has just created.
    let tables = number("SELECT count(*) FROM sqlite_schema WHERE name NOT GLOB '_litestream_*'")?;
    let application_id = number("PRAGMA application_id")?;
    if tables > 0 && application_id != APPLICATION_ID {
        return Err(OpenError::NotOurs { path: path.to_owned() });
    }
    let (found, known) = (number("PRAGMA user_version")?, migrations::newest());
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Sets a pragma. To switch to the write-ahead log, `SQLite` does not wait for the lock of another process that switches
/// too, since the two would wait for each other. So this tries again, for as long as `SQLite` would have waited.
fn set(
    conn: &Connection,
    path: &Path,
    pragma: &'static str,
    wanted: &'static str,
    reads_as: &str,
) -> Result<(), OpenError> {
    let (sql, started) = (format!("PRAGMA {pragma} = {wanted}"), Instant::now());
    while let Err(error) = conn.execute_batch(&sql) {
        if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) || started.elapsed() >= PATIENCE_AT_START {
            return Err(unusable(path, &error));
        }
        thread::sleep(PAUSE);
    }
    let found = setting(conn, pragma).map_err(|error| unusable(path, &error))?;
    if found == reads_as { Ok(()) } else { Err(OpenError::Setting { path: path.to_owned(), pragma, wanted, found }) }
}

/// Returns the value of a pragma as text.
fn setting(conn: &Connection, pragma: &str) -> rusqlite::Result<String> {
    conn.pragma_query_value(None, pragma, |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(number) => number.to_string(),
            other => other.as_str()?.to_owned(),
        })
    })
}

/// Returns why a database cannot be used: what the system refuses, or else what `SQLite` says.
pub fn unusable(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        return OpenError::NotADatabase { path };
    }
    let refused = may_explain(error).then(|| refusal(&path)).flatten();
    OpenError::Unusable { source: refused.map_or_else(|| in_words(error), Into::into), path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_that_protect_data_are_on() {
        let directory = tempfile::tempdir().unwrap();
        let conn = open_for_writing(&directory.path().join("new/x.db")).unwrap();
        for (pragma, expected) in
            [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "2000")]
        {
            assert_eq!(setting(&conn, pragma).unwrap(), expected, "{pragma}");
        }
    }

    #[test]
    fn a_file_that_holds_nothing_but_litestreams_tables_is_new() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        let litestream = Connection::open(&path).unwrap();
        litestream.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE _litestream_lock (id INTEGER)").unwrap();
        litestream.execute_batch("BEGIN; SELECT count(*) FROM _litestream_lock").unwrap();
        drop(open_for_writing(&path).unwrap());
        litestream.execute_batch("COMMIT; CREATE TABLE other (id INTEGER); PRAGMA application_id = 0").unwrap();
        assert!(matches!(open_for_writing(&path), Err(OpenError::NotOurs { .. })));
    }

    #[test]
    fn a_rejected_setting_is_reported() {
        let conn = Connection::open_in_memory().unwrap();
        let refused = set(&conn, Path::new("x.db"), "journal_mode", "WAL", "wal").unwrap_err();
        assert_eq!(refused.to_string(), "the database x.db does not accept journal_mode = WAL; it stays memory");
    }
}
