//! Keys that all servers on a database share.

use release_links_ports::{DatabaseKey, DatabaseKeys, Entropy, KeyUse, StoreError};

/// Returns the key of a database for a use, chosen at random by the first server.
///
/// # Errors
/// [`StoreError`] if there are no random bytes, or if the key cannot be read or stored.
pub async fn database_key(
    keys: &dyn DatabaseKeys,
    entropy: &dyn Entropy,
    of: KeyUse,
) -> Result<DatabaseKey, StoreError> {
    let mut new = [0; 32];
    entropy.fill(&mut new).map_err(|error| StoreError::Internal(error.into()))?;
    keys.key(of, DatabaseKey(new)).await
}
