//! The key of tickets, which open files for a while.

use std::fmt;

use async_trait::async_trait;

use crate::StoreError;

/// The key that tickets are signed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TicketKey(pub [u8; 32]);

/// Omits the key, which is a secret.
impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKey(…)")
    }
}

/// Where the key of tickets is kept, so that each server accepts the tickets of the others.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TicketKeys: Send + Sync {
    /// Returns the key. If there is none, `new` becomes the key; of servers that race, all MUST get the same.
    async fn ticket_key(&self, new: TicketKey) -> Result<TicketKey, StoreError>;
}
