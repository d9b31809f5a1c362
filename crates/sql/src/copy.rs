//! Everything that a store holds, copied into an empty one, and compared before it counts.

use async_trait::async_trait;
use release_links_ports::{Progress, StoreError};
use sha2::{Digest, Sha256};

use crate::{TABLES, Table, Value};

/// How many rows travel together.
const BATCH: u32 = 2_000;

/// All rows of a store as they were at one moment, or as a copy that is being made has them.
#[async_trait]
pub trait CopySource: Send {
    /// How many rows a table has.
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError>;
    /// The rows that follow a key, all from the first on without one, in the order of keys; at most `limit` of them.
    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError>;
    /// The highest id that a table has ever handed out, 0 before the first.
    async fn last_id(&mut self, table: &'static Table) -> Result<i64, StoreError>;
}

/// A copy that is being made: nobody sees any of it before it is [kept](Self::keep), and nothing of it stays when it is
/// dropped. Nobody else writes meanwhile.
#[async_trait]
pub trait CopyTarget: CopySource {
    /// Adds rows to a table.
    async fn add(&mut self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError>;
    /// Makes the next id of a table follow this one.
    async fn set_last_id(&mut self, table: &'static Table, last: i64) -> Result<(), StoreError>;
    /// Keeps it all.
    async fn keep(self: Box<Self>) -> Result<(), StoreError>;
}

/// A table that was copied: it has as many rows on either side, with the same checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// What it is called.
    pub name: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256, in hexadecimal, over all values of all rows in the order of their keys.
    pub checksum: String,
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyFailure {
    /// The target is not empty.
    #[error("the target is not empty: it has {rows} rows in {table}; nothing was copied")]
    NotEmpty {
        /// The first table that has rows.
        table: &'static str,
        /// How many.
        rows: u64,
    },
    /// What was read back from the target is not what was read from the source.
    #[error("{table} came out differently: {from} became {to}; nothing was copied")]
    Differs {
        /// The table.
        table: &'static str,
        /// Its rows and checksum at the source.
        from: String,
        /// Its rows and checksum at the target.
        to: String,
    },
    /// It was asked to stop.
    #[error("stopped before the end; nothing was copied")]
    Stopped,
    /// The source failed.
    #[error("the source cannot be read; nothing was copied")]
    Source(#[source] StoreError),
    /// The target failed.
    #[error("the target cannot be written; nothing was copied")]
    Target(#[source] StoreError),
    /// The target failed while it was told to keep everything.
    #[error("it is not known whether the target was kept: it is empty or complete")]
    Unknown(#[source] StoreError),
}

/// Copies all tables with their ids, and what ids follow, and compares what the target then holds.
///
/// # Errors
/// [`CopyFailure`]; the target is then as empty as it was.
pub async fn copy_everything(
    source: &mut dyn CopySource,
    mut target: Box<dyn CopyTarget>,
    progress: &dyn Progress,
) -> Result<Vec<CopiedTable>, CopyFailure> {
    for table in TABLES {
        let rows = target.count(table).await.map_err(CopyFailure::Target)?;
        if rows > 0 {
            return Err(CopyFailure::NotEmpty { table: table.name, rows });
        }
    }
    let mut copied = Vec::new();
    for table in TABLES {
        copied.push(copy_table(source, &mut *target, table, progress).await?);
    }
    for (table, from) in TABLES.iter().zip(&copied) {
        let to = read_back(&mut *target, table, progress).await?;
        if to != *from {
            return Err(CopyFailure::Differs { table: table.name, from: said(from), to: said(&to) });
        }
    }
    target.keep().await.map_err(CopyFailure::Unknown)?;
    Ok(copied)
}

fn said(table: &CopiedTable) -> String {
    format!("{} rows with checksum {}", table.rows, table.checksum)
}

async fn copy_table(
    source: &mut dyn CopySource,
    target: &mut dyn CopyTarget,
    table: &'static Table,
    progress: &dyn Progress,
) -> Result<CopiedTable, CopyFailure> {
    progress.begin(table.name, Some(source.count(table).await.map_err(CopyFailure::Source)?));
    let mut sum = Sum::default();
    while let Some(rows) = sum.next(source, table, progress).await.map_err(|error| error.of(CopyFailure::Source))? {
        target.add(table, rows).await.map_err(CopyFailure::Target)?;
    }
    if table.numbered {
        // Also beyond the rows that are there: an id is given out once, even when its row is gone.
        let last = source.last_id(table).await.map_err(CopyFailure::Source)?;
        target.set_last_id(table, last).await.map_err(CopyFailure::Target)?;
        let kept = target.last_id(table).await.map_err(CopyFailure::Target)?;
        if kept != last {
            let [from, to] = [last, kept].map(|id| format!("the last id {id}"));
            return Err(CopyFailure::Differs { table: table.name, from, to });
        }
    }
    Ok(sum.of(table))
}

async fn read_back(
    target: &mut dyn CopyTarget,
    table: &'static Table,
    progress: &dyn Progress,
) -> Result<CopiedTable, CopyFailure> {
    let rows = target.count(table).await.map_err(CopyFailure::Target)?;
    progress.begin(&format!("checking {}", table.name), Some(rows));
    let mut sum = Sum::default();
    while sum.next(target, table, progress).await.map_err(|error| error.of(CopyFailure::Target))?.is_some() {}
    Ok(sum.of(table))
}

/// A store that failed, or an end that was asked for.
enum Interrupted {
    Stopped,
    Failed(StoreError),
}

impl Interrupted {
    fn of(self, side: impl FnOnce(StoreError) -> CopyFailure) -> CopyFailure {
        match self {
            Self::Stopped => CopyFailure::Stopped,
            Self::Failed(error) => side(error),
        }
    }
}

/// What was read of a table up to now.
#[derive(Default)]
struct Sum {
    rows: u64,
    last: Option<Vec<Value>>,
    digest: Sha256,
}

impl Sum {
    /// Reads on; none at the end.
    async fn next<S: CopySource + ?Sized>(
        &mut self,
        source: &mut S,
        table: &'static Table,
        progress: &dyn Progress,
    ) -> Result<Option<Vec<Vec<Value>>>, Interrupted> {
        if progress.stopped() {
            return Err(Interrupted::Stopped);
        }
        let rows = source.rows(table, self.last.take(), BATCH).await.map_err(Interrupted::Failed)?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.last = Some(last.iter().take(table.key).cloned().collect());
        for value in rows.iter().flatten() {
            add(&mut self.digest, value);
        }
        self.rows += rows.len() as u64;
        progress.reach(self.rows);
        Ok(Some(rows))
    }

    fn of(self, table: &Table) -> CopiedTable {
        let checksum = data_encoding::HEXLOWER.encode(&self.digest.finalize());
        CopiedTable { name: table.name, rows: self.rows, checksum }
    }
}

/// Adds a value, told from every other: its kind, its length, its bytes.
fn add(digest: &mut Sha256, value: &Value) {
    let (kind, bytes): (u8, &[u8]) = match value {
        Value::Null => (0, &[]),
        Value::Integer(number) => (1, &number.to_be_bytes()),
        Value::Text(text) => (2, text.as_bytes()),
        Value::Bytes(bytes) => (3, bytes),
        Value::Boolean(yes) => (4, &[u8::from(*yes)]),
    };
    digest.update([kind]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

#[cfg(test)]
mod tests;
