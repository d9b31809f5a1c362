//! The port of the key of tickets.

use async_trait::async_trait;
use release_links_ports::{StoreError, TicketKey, TicketKeys};

use crate::MemoryStore;

#[async_trait]
impl TicketKeys for MemoryStore {
    async fn ticket_key(&self, new: TicketKey) -> Result<TicketKey, StoreError> {
        self.write(|state| Ok::<_, StoreError>(*state.ticket_key.get_or_insert(new)))
    }
}
