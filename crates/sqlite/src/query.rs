//! Runs statements, each prepared once per connection.

use release_links_domain::project::Visibility;
use release_links_ports::Viewer;
use release_links_sql::paging;
use rusqlite::{Connection, Params, ToSql};

use crate::failure::Failure;
use crate::rows::Row;

/// Declares the statements of a file as constants and, for tests, a list of all of them.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$meta])* const $name: &str = $sql;)+

        #[cfg(test)]
        pub const STATEMENTS: &[&str] = &[$($name),+];
    };
}

pub(crate) use statements;

/// Returns values as parameters, to be chained with values of other types for
/// [`params_from_iter`](rusqlite::params_from_iter).
pub fn values<T: ToSql>(values: &[T]) -> impl Iterator<Item = &dyn ToSql> {
    values.iter().map(|value| value as &dyn ToSql)
}

/// Returns the first row, or `None` if there is none.
pub fn first<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_, '_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(|row| read(&Row::of(row))).transpose()
}

/// Returns all rows.
pub fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_, '_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    conn.prepare_cached(sql)?.query_and_then(params, |row| read(&Row::of(row)))?.collect()
}

/// Returns whether there is a row.
pub fn exists(conn: &Connection, sql: &str, params: impl Params) -> Result<bool, Failure> {
    Ok(conn.prepare_cached(sql)?.exists(params)?)
}

/// Runs a statement that returns no rows.
pub fn run(conn: &Connection, sql: &str, params: impl Params) -> Result<(), Failure> {
    conn.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

/// Runs a statement that returns no rows, and returns the number of rows it changed.
pub fn count_changed(conn: &Connection, sql: &str, params: impl Params) -> Result<u64, Failure> {
    Ok(conn.prepare_cached(sql)?.execute(params)? as u64)
}

/// Inserts a row and returns its id.
pub fn insert(conn: &Connection, sql: &str, params: impl Params) -> Result<i64, Failure> {
    Ok(conn.prepare_cached(sql)?.insert(params)?)
}

/// Runs a statement that counts rows, and returns the count.
pub fn counted(conn: &Connection, sql: &str, params: impl Params) -> Result<u64, Failure> {
    Ok(paging::counted(first(conn, sql, params, |row| row.get(0))?))
}

/// Returns the number of rows that `sql` counts for `id`, up to `limit`.
pub fn count(conn: &Connection, sql: &str, id: i64, limit: u64) -> Result<u64, Failure> {
    counted(conn, sql, (id, paging::clamped(limit)))
}

/// Returns the visibilities that are open to the viewer as one text, to be searched with `instr`: none is part of
/// another.
pub fn open(viewer: &Viewer) -> String {
    one_of(&viewer.open)
}

/// Returns visibilities as one text, as [`open`] does.
pub fn one_of(visibilities: &[Visibility]) -> String {
    visibilities.iter().copied().map(Visibility::as_str).collect::<Vec<_>>().join(" ")
}
