//! The port of the key of tickets.

use async_trait::async_trait;
use release_links_ports::{StoreError, TicketKey, TicketKeys};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::query::Session;
use crate::tables::ticket_keys::{GET, INSERT};

#[async_trait]
impl TicketKeys for PostgresStore {
    async fn ticket_key(&self, new: TicketKey) -> Result<TicketKey, StoreError> {
        let session = self.session().await?;
        if let Some(key) = get(&session).await? {
            return Ok(key);
        }
        session.run(INSERT, &[&new.0.as_slice()]).await?;
        Ok(get(&session).await?.unwrap_or(new))
    }
}

async fn get(session: &Session) -> Result<Option<TicketKey>, Failure> {
    let key: Option<Vec<u8>> = session.first(GET, &[], |row| row.get(0)).await?;
    let whole = |key: Vec<u8>| {
        <[u8; 32]>::try_from(key).map(TicketKey).map_err(|_| Failure::Internal("the key of tickets is broken".into()))
    };
    key.map(whole).transpose()
}
