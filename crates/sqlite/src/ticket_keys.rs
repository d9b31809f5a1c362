//! The port of the key of tickets.

use async_trait::async_trait;
use release_links_ports::{StoreError, TicketKey, TicketKeys};

use crate::SqliteStore;
use crate::tables::ticket_keys::{get, insert};

#[async_trait]
impl TicketKeys for SqliteStore {
    async fn ticket_key(&self, new: TicketKey) -> Result<TicketKey, StoreError> {
        if let Some(key) = self.read_long(get).await? {
            return Ok(key);
        }
        self.write(move |conn| {
            insert(conn, new)?;
            Ok(get(conn)?.unwrap_or(new))
        })
        .await
    }
}
