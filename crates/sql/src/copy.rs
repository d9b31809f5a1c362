//! Copies all rows of a store into an empty one, and compares the two before the copy is committed.

use async_trait::async_trait;
use release_links_ports::{Progress, StoreError};
use sha2::{Digest, Sha256};

use crate::{TABLES, Table, Value};

/// The number of rows per batch.
const BATCH: u32 = 2_000;

/// The rows of a store in one snapshot, or those of an uncommitted copy.
#[async_trait]
pub trait CopySource: Send {
    /// Returns the number of rows in a table.
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError>;
    /// Returns up to `limit` rows in key order: those after the key `after`, or from the first row if it is `None`.
    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError>;
    /// Returns the highest id that a table has ever assigned, or 0 if it has assigned none.
    async fn last_id(&mut self, table: &'static Table) -> Result<i64, StoreError>;
}

/// An uncommitted copy. Nobody else sees its rows before [`commit`](Self::commit), dropping it discards them, and nobody
/// else writes to the store meanwhile.
#[async_trait]
pub trait CopyTarget: CopySource {
    /// Inserts rows into a table.
    async fn add(&mut self, table: &'static Table, rows: Vec<Vec<Value>>) -> Result<(), StoreError>;
    /// Makes the table assign ids above `last` from now on.
    async fn set_last_id(&mut self, table: &'static Table, last: i64) -> Result<(), StoreError>;
    /// Commits the copy.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A copied table, with the same number of rows and the same checksum on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// The table's name.
    pub name: &'static str,
    /// The number of rows.
    pub rows: u64,
    /// The hexadecimal SHA-256 of all values of all rows, in key order.
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
        /// The number of its rows.
        rows: u64,
    },
    /// The target returns other rows than the source.
    #[error("{table} differs after the copy: {from} became {to}; nothing was copied")]
    Differs {
        /// The table.
        table: &'static str,
        /// The source's number of rows and checksum.
        from: String,
        /// The target's number of rows and checksum.
        to: String,
    },
    /// [`Progress::stopped`] returned true.
    #[error("stopped before the end; nothing was copied")]
    Stopped,
    /// The source failed.
    #[error("the source cannot be read; nothing was copied")]
    Source(#[source] StoreError),
    /// The target failed.
    #[error("the target cannot be written; nothing was copied")]
    Target(#[source] StoreError),
    /// The target failed during the commit.
    #[error("the commit failed; the target is either empty or complete")]
    Unknown(#[source] StoreError),
}

/// Copies all tables, their ids and their id counters, and compares the result with the source.
///
/// # Errors
/// [`CopyFailure`]; the target then stays empty, except that after [`CopyFailure::Unknown`] it may be complete.
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
            return Err(CopyFailure::Differs { table: table.name, from: describe(from), to: describe(&to) });
        }
    }
    target.commit().await.map_err(CopyFailure::Unknown)?;
    Ok(copied)
}

fn describe(table: &CopiedTable) -> String {
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
        // The counter may be ahead of the last row: a table never assigns an id twice, even after its row is deleted.
        let last = source.last_id(table).await.map_err(CopyFailure::Source)?;
        target.set_last_id(table, last).await.map_err(CopyFailure::Target)?;
        let actual = target.last_id(table).await.map_err(CopyFailure::Target)?;
        if actual != last {
            let [from, to] = [last, actual].map(|id| format!("the last id {id}"));
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

/// Why reading stopped early.
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

/// The running count and checksum of a table, and the key to continue after.
#[derive(Default)]
struct Sum {
    rows: u64,
    last: Option<Vec<Value>>,
    digest: Sha256,
}

impl Sum {
    /// Reads the next batch, or returns `None` at the end.
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

/// Hashes a value with its kind and length, so that no two sequences of values hash the same bytes.
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
