//! Reads or writes all rows of a database, to copy between different kinds of database.

use async_trait::async_trait;
use deadpool_postgres::{ClientWrapper, Object};
use futures_util::pin_mut;
use release_links_ports::StoreError;
use release_links_sql::{CopySource, CopyTarget, Kind, TABLES, Table, Value};
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use crate::failure::Failure;
use crate::open::{Options, open};
use crate::open_error::OpenError;

/// Opens a database as a source, which reads from one snapshot. Migrates a database of an older version first.
///
/// # Errors
/// [`OpenError`].
pub async fn open_copy_source(options: &Options) -> Result<Box<dyn CopySource>, OpenError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    Ok(Box::new(Transaction::begin(options, begin).await?))
}

/// Opens a database as a target.
///
/// # Errors
/// [`OpenError`].
pub async fn open_copy_target(options: &Options) -> Result<Box<dyn CopyTarget>, OpenError> {
    let tables: Vec<_> = TABLES.iter().map(|table| table.name).collect();
    let begin = format!("BEGIN; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", "));
    Ok(Box::new(Transaction::begin(options, &begin).await?))
}

/// A separate connection with an open transaction, which is rolled back when it is dropped.
struct Transaction(ClientWrapper);

impl Transaction {
    async fn begin(options: &Options, begin: &str) -> Result<Self, OpenError> {
        let pool = open(options).await?;
        let connection = pool.get().await.map_err(|error| OpenError::Unreachable(error.into()))?;
        let connection = Object::take(connection);
        // A copy may take any time, on either side.
        let without_timeouts = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
        connection
            .batch_execute(&format!("{begin}; {without_timeouts}; SELECT count(*) FROM users"))
            .await
            .map_err(OpenError::of)?;
        Ok(Self(connection))
    }

    /// Returns the number that a statement selects.
    async fn number(&self, sql: &str) -> Result<i64, StoreError> {
        Ok(self.0.query_one(sql, &[]).await.map_err(Failure::from)?.get(0))
    }
}

#[async_trait]
impl CopySource for Transaction {
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        let count = self.number(&format!("SELECT count(*) FROM {}", table.name)).await?;
        Ok(count.unsigned_abs())
    }

    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let sql = select(table, after.is_some());
        let statement = self.0.prepare_cached(&sql).await.map_err(Failure::from)?;
        let (after, limit) = (after.unwrap_or_default(), i64::from(limit));
        let mut values: Vec<_> = after.iter().zip(table.key()).map(|(value, (_, kind))| bound(value, *kind)).collect();
        values.push(&limit);
        let rows = self.0.query(&statement, &values).await.map_err(Failure::from)?;
        Ok(rows.iter().map(|row| read(table, row)).collect::<Result<_, _>>().map_err(Failure::from)?)
    }

    async fn last_id(&mut self, table: &'static Table) -> Result<i64, StoreError> {
        let sequence = sequence(table);
        self.number(&format!("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}"))
            .await
    }
}

#[async_trait]
impl CopyTarget for Transaction {
    async fn add(&mut self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        let sql = format!("COPY {} ({}) FROM STDIN BINARY", table.name, names(table.columns));
        let sink = self.0.copy_in(&sql).await.map_err(Failure::from)?;
        let types: Vec<_> = table.columns.iter().map(|(_, kind)| type_of(*kind)).collect();
        let writer = BinaryCopyInWriter::new(sink, &types);
        pin_mut!(writer);
        for row in &rows {
            let values: Vec<_> = row.iter().zip(table.columns).map(|(value, (_, kind))| bound(value, *kind)).collect();
            writer.as_mut().write(&values).await.map_err(Failure::from)?;
        }
        writer.finish().await.map_err(Failure::from)?;
        Ok(())
    }

    async fn set_last_id(&mut self, table: &'static Table, last: i64) -> Result<(), StoreError> {
        // A new sequence is at its first number, marked as not yet assigned.
        self.number(&format!("SELECT setval('{}', greatest({last}, 1), {last} > 0)", sequence(table))).await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        // Without statistics, the planner would guess until the database analyses the tables itself.
        let tables: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        self.0.batch_execute(&format!("ANALYZE {}; COMMIT", tables.join(", "))).await.map_err(Failure::from)?;
        Ok(())
    }
}

fn sequence(table: &Table) -> String {
    format!("{}_id_seq", table.name)
}

fn names(columns: &[(&str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Builds the statement that reads rows in key order.
fn select(table: &Table, after: bool) -> String {
    let (key, length) = (names(table.key()), table.key);
    let places: Vec<_> = (1..=length).map(|number| format!("${number}")).collect();
    let follows = if after { format!("WHERE ({key}) > ({})", places.join(", ")) } else { String::new() };
    let limit = if after { length + 1 } else { 1 };
    format!("SELECT {} FROM {} {follows} ORDER BY {key} LIMIT ${limit}", names(table.columns), table.name)
}

fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Integer => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
        Kind::Boolean => Type::BOOL,
    }
}

fn read(table: &Table, row: &Row) -> Result<Vec<Value>, tokio_postgres::Error> {
    let value = |(number, (_, kind)): (usize, &(&str, Kind))| {
        let value = match kind {
            Kind::Integer => row.try_get::<_, Option<i64>>(number)?.map(Value::Integer),
            Kind::Text => row.try_get::<_, Option<String>>(number)?.map(Value::Text),
            Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(number)?.map(Value::Bytes),
            Kind::Boolean => row.try_get::<_, Option<bool>>(number)?.map(Value::Boolean),
        };
        Ok(value.unwrap_or(Value::Null))
    };
    table.columns.iter().enumerate().map(value).collect()
}

/// Returns a parameter of a statement; a null has the type of its column.
fn bound(value: &Value, kind: Kind) -> &(dyn ToSql + Sync) {
    match (value, kind) {
        (Value::Null, Kind::Integer) => &None::<i64>,
        (Value::Null, Kind::Text) => &None::<&str>,
        (Value::Null, Kind::Bytes) => &None::<&[u8]>,
        (Value::Null, Kind::Boolean) => &None::<bool>,
        (Value::Integer(number), _) => number,
        (Value::Text(text), _) => text,
        (Value::Bytes(bytes), _) => bytes,
        (Value::Boolean(yes), _) => yes,
    }
}
