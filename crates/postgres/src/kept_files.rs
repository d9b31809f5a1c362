//! The port of bytes that are in use.

use async_trait::async_trait;
use release_links_domain::file::FileKey;
use release_links_ports::{FileOwner, KeptBytes, KeptFiles, KeptTotal, StoreError};
use release_links_sql::file_bytes::{self, kept, key, owner};

use crate::PostgresStore;
use crate::rows::Row;
use crate::tables::file_bytes::{AFTER, IN_USE, OWNERS, TOTAL};

#[async_trait]
impl KeptFiles for PostgresStore {
    async fn in_use(&self, keys: Vec<FileKey>) -> Result<Vec<FileKey>, StoreError> {
        let keys: Vec<&str> = keys.iter().map(FileKey::as_str).collect();
        Ok(self.session().await?.all(IN_USE, &[&keys], |row| key(row, 0)).await?)
    }

    async fn after(&self, key: Option<FileKey>, limit: u32) -> Result<Vec<KeptBytes>, StoreError> {
        let (key, limit) = (key.as_ref().map_or("", FileKey::as_str), i64::from(limit));
        Ok(self.session_for_list().await?.all(AFTER, &[&key, &limit], |row| kept(row, 0)).await?)
    }

    async fn owners(&self, key: &FileKey, limit: u32) -> Result<Vec<FileOwner>, StoreError> {
        Ok(self.session_for_list().await?.all(OWNERS, &[&key.as_str(), &i64::from(limit)], owner).await?)
    }

    async fn total(&self) -> Result<KeptTotal, StoreError> {
        let read = |row: &Row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]);
        Ok(self.session_for_list().await?.first(TOTAL, &[], read).await?.map(file_bytes::total).unwrap_or_default())
    }
}
