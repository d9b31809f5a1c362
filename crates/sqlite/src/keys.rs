//! The port of keys.

use async_trait::async_trait;
use release_links_ports::{DatabaseKey, DatabaseKeys, KeyUse, StoreError};

use crate::SqliteStore;
use crate::tables::keys::{get, insert};

#[async_trait]
impl DatabaseKeys for SqliteStore {
    async fn key(&self, of: KeyUse, new: DatabaseKey) -> Result<DatabaseKey, StoreError> {
        if let Some(key) = self.read(|conn| get(conn, of)).await? {
            return Ok(key);
        }
        self.write(move |conn| {
            insert(conn, of, new)?;
            Ok(get(conn, of)?.unwrap_or(new))
        })
        .await
    }
}
