//! The port of bytes that are in use.

use async_trait::async_trait;
use release_links_domain::file::FileKey;
use release_links_ports::{FileOwner, KeptBytes, KeptFiles, KeptTotal, StoreError};

use crate::SqliteStore;
use crate::tables::file_bytes::{after, in_use, owners, total};

#[async_trait]
impl KeptFiles for SqliteStore {
    async fn in_use(&self, keys: Vec<FileKey>) -> Result<Vec<FileKey>, StoreError> {
        self.read_long(move |conn| in_use(conn, &keys)).await
    }

    async fn after(&self, key: Option<FileKey>, limit: u32) -> Result<Vec<KeptBytes>, StoreError> {
        self.read_long(move |conn| after(conn, key.as_ref(), limit)).await
    }

    async fn owners(&self, key: &FileKey, limit: u32) -> Result<Vec<FileOwner>, StoreError> {
        let key = key.clone();
        self.read_long(move |conn| owners(conn, &key, limit)).await
    }

    async fn total(&self) -> Result<KeptTotal, StoreError> {
        self.read_long(total).await
    }
}
