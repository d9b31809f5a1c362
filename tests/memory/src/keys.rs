//! The port of keys.

use async_trait::async_trait;
use release_links_ports::{DatabaseKey, DatabaseKeys, KeyUse, StoreError};

use crate::MemoryStore;

#[async_trait]
impl DatabaseKeys for MemoryStore {
    async fn key(&self, of: KeyUse, new: DatabaseKey) -> Result<DatabaseKey, StoreError> {
        self.write(|state| Ok(*state.keys.entry(of).or_insert(new)))
    }
}
