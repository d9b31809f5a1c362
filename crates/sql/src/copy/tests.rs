use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::*;

type Rows = BTreeMap<&'static str, Vec<Vec<Value>>>;

/// A store in memory that can corrupt a value as it stores it.
#[derive(Default)]
struct Memory {
    rows: Rows,
    last: BTreeMap<&'static str, i64>,
    corruption: Option<Value>,
    committed: Arc<Mutex<Option<Rows>>>,
}

#[async_trait]
impl CopySource for Memory {
    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        Ok(self.rows.get(table.name).map_or(0, Vec::len) as u64)
    }

    async fn rows(
        &mut self,
        table: &'static Table,
        after: Option<Vec<Value>>,
        limit: u32,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let rows = self.rows.get(table.name).cloned().unwrap_or_default();
        let key = |row: &Vec<Value>| row[..table.key].to_vec();
        let from = after.map_or(0, |after| rows.iter().position(|row| key(row) == after).unwrap() + 1);
        Ok(rows.into_iter().skip(from).take(limit as usize).collect())
    }

    async fn last_id(&mut self, table: &'static Table) -> Result<i64, StoreError> {
        Ok(self.last.get(table.name).copied().unwrap_or_default())
    }
}

#[async_trait]
impl CopyTarget for Memory {
    async fn add(&mut self, table: &'static Table, mut rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        if let Some(value) = &self.corruption {
            rows[0][1] = value.clone();
        }
        self.rows.entry(table.name).or_default().extend(rows);
        Ok(())
    }

    async fn set_last_id(&mut self, table: &'static Table, last: i64) -> Result<(), StoreError> {
        self.last.insert(table.name, last);
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.committed.lock().unwrap() = Some(self.rows);
        Ok(())
    }
}

/// Asks to stop immediately or never.
struct Watching {
    stopped: bool,
}

impl Progress for Watching {
    fn begin(&self, _: &str, _: Option<u64>) {}

    fn reach(&self, _: u64) {}

    fn stopped(&self) -> bool {
        self.stopped
    }
}

/// More users than fit into one batch.
fn users() -> Memory {
    let row = |id| vec![Value::Integer(id), Value::Text(format!("user {id}")), Value::Null];
    let users = (1..=i64::from(BATCH) * 2 + 1).map(row).collect();
    Memory {
        rows: BTreeMap::from([("users", users)]),
        last: BTreeMap::from([("users", 1_000_000)]),
        ..Memory::default()
    }
}

async fn copied(source: &mut Memory, target: Memory, stopped: bool) -> Result<Vec<CopiedTable>, CopyFailure> {
    copy_everything(source, Box::new(target), &Watching { stopped }).await
}

#[tokio::test]
async fn every_row_of_every_batch_is_copied() {
    let (mut source, target) = (users(), Memory::default());
    let committed = target.committed.clone();
    let tables = copied(&mut source, target, false).await.unwrap();
    assert_eq!(committed.lock().unwrap().as_ref(), Some(&source.rows));
    assert_eq!((tables.len(), tables[0].name, tables[0].rows), (TABLES.len(), "users", u64::from(BATCH) * 2 + 1));
}

#[tokio::test]
async fn a_copy_with_a_corrupted_value_is_not_committed() {
    for value in
        [Value::Text("user 1 ".into()), Value::Null, Value::Bytes(b"user 1".to_vec()), Value::Text(String::new())]
    {
        let target = Memory { corruption: Some(value.clone()), ..Memory::default() };
        let committed = target.committed.clone();
        let failure = copied(&mut users(), target, false).await.unwrap_err();
        assert!(matches!(failure, CopyFailure::Differs { table: "users", .. }), "{value:?}: {failure:?}");
        assert!(committed.lock().unwrap().is_none(), "{value:?}");
    }
}

#[tokio::test]
async fn a_target_with_rows_is_rejected_before_anything_is_inserted() {
    let target = Memory { rows: BTreeMap::from([("tokens", vec![vec![]])]), ..Memory::default() };
    let committed = target.committed.clone();
    let failure = copied(&mut users(), target, false).await.unwrap_err();
    assert!(matches!(failure, CopyFailure::NotEmpty { table: "tokens", rows: 1 }), "{failure:?}");
    assert!(committed.lock().unwrap().is_none());
}

#[tokio::test]
async fn a_stopped_copy_is_not_committed() {
    let target = Memory::default();
    let committed = target.committed.clone();
    assert!(matches!(copied(&mut users(), target, true).await, Err(CopyFailure::Stopped)));
    assert!(committed.lock().unwrap().is_none());
}
