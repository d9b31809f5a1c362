//! The port of bytes that are in use.

use async_trait::async_trait;
use release_links_domain::file::FileKey;
use release_links_ports::{KeptBytes, KeptFiles, StoreError};
use release_links_sql::file_bytes::{kept, key};

use crate::PostgresStore;
use crate::tables::file_bytes::{AFTER, IN_USE};

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
}
