//! Reads or writes all rows of a database, to copy between different kinds of database.

use std::path::Path;

use async_trait::async_trait;
use release_links_ports::StoreError;
use release_links_sql::{CopySource, CopyTarget, Kind, Table, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use crate::failure::Failure;
use crate::open::{OpenError, open_for_writing, unusable};

/// Opens a database as a source, which reads from one snapshot. Migrates a database of an older version first.
///
/// # Errors
/// [`OpenError`], also if there is no database.
pub fn open_copy_source(path: &Path) -> Result<Box<dyn CopySource>, OpenError> {
    // Opening would create a missing file.
    std::fs::metadata(path).map_err(|source| OpenError::Unusable { path: path.to_owned(), source: source.into() })?;
    Ok(Box::new(Transaction::begin(path, "BEGIN")?))
}

/// Opens a database as a target, creating it if it is missing.
///
/// # Errors
/// [`OpenError`].
pub fn open_copy_target(path: &Path) -> Result<Box<dyn CopyTarget>, OpenError> {
    Ok(Box::new(Transaction::begin(path, "BEGIN IMMEDIATE")?))
}

/// A connection with an open transaction, which is rolled back when it is dropped. The value is `None` while a blocking
/// thread uses the connection.
struct Transaction(Option<Connection>);

impl Transaction {
    fn begin(path: &Path, begin: &str) -> Result<Self, OpenError> {
        let conn = open_for_writing(path)?;
        let first =
            conn.execute_batch(begin).and_then(|()| conn.query_row("SELECT count(*) FROM users", [], |_| Ok(())));
        first.map_err(|error| unusable(path, &error))?;
        Ok(Self(Some(conn)))
    }

    async fn run_blocking<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let conn = self.0.take().ok_or_else(|| StoreError::Internal("the connection is lost".into()))?;
        let working = tokio::task::spawn_blocking(move || {
            let outcome = work(&conn);
            (conn, outcome)
        });
        let (conn, outcome) = working.await.map_err(|error| StoreError::Internal(error.into()))?;
        self.0 = Some(conn);
        Ok(outcome.map_err(Failure::from)?)
    }
}

#[async_trait]
impl CopySource for Transaction {
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        let count: i64 = self.run_blocking(move |conn| conn.query_row(&sql, [], |row| row.get(0))).await?;
        Ok(count.unsigned_abs())
    }

    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        self.run_blocking(move |conn| {
            let mut statement = conn.prepare_cached(&select(table, after.is_some()))?;
            let values = after.unwrap_or_default().into_iter().chain([Value::Integer(limit.into())]).map(Bound);
            statement.query_map(params_from_iter(values), |row| read(table, row))?.collect()
        })
        .await
    }

    async fn last_id(&mut self, table: &'static Table) -> Result<i64, StoreError> {
        let last = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        let found = self.run_blocking(|conn| conn.query_row(last, [table.name], |row| row.get(0)).optional()).await?;
        Ok(found.unwrap_or_default())
    }
}

#[async_trait]
impl CopyTarget for Transaction {
    async fn add(&mut self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let places: Vec<_> = (1..=table.columns.len()).map(|number| format!("?{number}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names(table), places.join(", "));
        self.run_blocking(move |conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            rows.into_iter()
                .try_for_each(|row| statement.execute(params_from_iter(row.into_iter().map(Bound))).map(drop))
        })
        .await
    }

    async fn set_last_id(&mut self, table: &'static Table, last: i64) -> Result<(), StoreError> {
        self.run_blocking(move |conn| {
            conn.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table.name])?;
            // SQLite has no counter for a table that never had a row.
            if last > 0 {
                conn.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table.name, last))?;
            }
            Ok(())
        })
        .await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.run_blocking(|conn| conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")).await
    }
}

fn names(table: &Table) -> String {
    table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Builds the statement that reads rows in key order. It compares texts byte by byte, as other databases do.
fn select(table: &Table, after: bool) -> String {
    let key: Vec<_> = table
        .key()
        .iter()
        .map(|(name, kind)| if *kind == Kind::Text { format!("{name} COLLATE BINARY") } else { (*name).to_owned() })
        .collect();
    let (key, length) = (key.join(", "), table.key);
    let places: Vec<_> = (1..=length).map(|number| format!("?{number}")).collect();
    let follows = if after { format!("WHERE ({key}) > ({})", places.join(", ")) } else { String::new() };
    let limit = if after { length + 1 } else { 1 };
    format!("SELECT {} FROM {} {follows} ORDER BY {key} LIMIT ?{limit}", names(table), table.name)
}

fn read(table: &Table, row: &Row<'_>) -> rusqlite::Result<Vec<Value>> {
    let value = |(number, (_, kind)): (usize, &(&str, Kind))| {
        if row.get_ref(number)? == ValueRef::Null {
            return Ok(Value::Null);
        }
        Ok(match kind {
            Kind::Integer => Value::Integer(row.get(number)?),
            Kind::Text => Value::Text(row.get(number)?),
            Kind::Bytes => Value::Bytes(row.get(number)?),
            Kind::Boolean => Value::Boolean(row.get(number)?),
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}

/// A parameter of a statement.
struct Bound(Value);

impl ToSql for Bound {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match &self.0 {
            Value::Null => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
            Value::Integer(number) => number.to_sql(),
            Value::Text(text) => text.to_sql(),
            Value::Bytes(bytes) => bytes.to_sql(),
            Value::Boolean(yes) => yes.to_sql(),
        }
    }
}

#[cfg(test)]
mod tests {
    use release_links_sql::TABLES;

    use super::*;

    #[test]
    fn every_table_and_column_is_copied() {
        let directory = tempfile::tempdir().unwrap();
        let conn = open_for_writing(&directory.path().join("store.db")).unwrap();
        let sql = "SELECT t.name || '.' || c.name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
            WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
        let mut statement = conn.prepare(sql).unwrap();
        let mut kept: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let columns = |table: &Table| table.columns.iter().map(|(name, _)| format!("{}.{name}", table.name)).collect();
        let mut copied: Vec<String> = TABLES.iter().flat_map::<Vec<_>, _>(columns).collect();
        kept.sort();
        copied.sort();
        assert_eq!(copied, kept);
    }

    #[tokio::test]
    async fn a_source_does_not_see_later_writes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let writer = open_for_writing(&path).unwrap();
        let write = |name| {
            let sql = "INSERT INTO users (name, email, administrator, bot, created_at) VALUES (?1, ?1, 0, 0, 0)";
            writer.execute(sql, [name]).unwrap()
        };
        write("before");
        let mut source = open_copy_source(&path).unwrap();
        write("after");
        let rows = source.rows(&TABLES[0], None, 10).await.unwrap();
        assert_eq!((rows.len(), &rows[0][1]), (1, &Value::Text("before".into())));
        assert_eq!(source.count(&TABLES[0]).await.unwrap(), 1);
    }

    #[test]
    fn every_table_that_assigns_ids_is_numbered() {
        let directory = tempfile::tempdir().unwrap();
        let conn = open_for_writing(&directory.path().join("store.db")).unwrap();
        for table in TABLES {
            let sql = "SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_schema WHERE name = ?1";
            let hands_out: bool = conn.query_row(sql, [table.name], |row| row.get(0)).unwrap();
            assert_eq!(hands_out, table.numbered, "{}", table.name);
        }
    }
}
