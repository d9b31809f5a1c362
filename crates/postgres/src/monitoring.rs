//! What monitoring learns of a database on a server.

use async_trait::async_trait;
use release_links_ports::{Monitored, StorageState, StoreError};

use crate::PostgresStore;
use crate::query::statements;

statements! {
    SIZE = "SELECT pg_database_size(current_database())";
}

#[async_trait]
impl Monitored for PostgresStore {
    async fn state(&self) -> Result<StorageState, StoreError> {
        let pools = self.access().pools().to_vec();
        // A database that does not answer must not keep the rest from being seen.
        let database_bytes = match self.session().await {
            Ok(session) => session.first(SIZE, &[], |row| row.get::<i64>(0)).await.ok().flatten(),
            Err(_) => None,
        };
        let database_bytes = database_bytes.and_then(|bytes| u64::try_from(bytes).ok());
        Ok(StorageState { database_bytes, pools, ..StorageState::default() })
    }
}
