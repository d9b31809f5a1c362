//! The health port.

use async_trait::async_trait;
use release_links_ports::{Health, StoreError};

use crate::SqliteStore;
use crate::query::{exists, statements};

statements! {
    PING = "SELECT 1 FROM users WHERE id = 1";
}

#[async_trait]
impl Health for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|conn| exists(conn, PING, []).map(|_| ())).await
    }
}
