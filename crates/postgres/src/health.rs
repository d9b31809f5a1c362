//! The health port.

use async_trait::async_trait;
use release_links_ports::{Health, StoreError};

use crate::PostgresStore;
use crate::query::statements;

statements! {
    PING = "SELECT 1 FROM users WHERE id = 1";
}

#[async_trait]
impl Health for PostgresStore {
    async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.session().await?.exists(PING, &[]).await.map(|_| ())?)
    }
}
