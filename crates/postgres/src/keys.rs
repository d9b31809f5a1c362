//! The port of keys.

use async_trait::async_trait;
use release_links_ports::{DatabaseKey, DatabaseKeys, KeyUse, StoreError};
use release_links_sql::keys::id;

use crate::PostgresStore;
use crate::failure::Failure;
use crate::query::Session;
use crate::tables::keys::{GET, INSERT};

#[async_trait]
impl DatabaseKeys for PostgresStore {
    async fn key(&self, of: KeyUse, new: DatabaseKey) -> Result<DatabaseKey, StoreError> {
        let session = self.session().await?;
        if let Some(key) = get(&session, of).await? {
            return Ok(key);
        }
        session.run(INSERT, &[&id(of), &new.0.as_slice()]).await?;
        Ok(get(&session, of).await?.unwrap_or(new))
    }
}

async fn get(session: &Session, of: KeyUse) -> Result<Option<DatabaseKey>, Failure> {
    let key: Option<Vec<u8>> = session.first(GET, &[&id(of)], |row| row.get(0)).await?;
    let whole = |key: Vec<u8>| {
        let key = <[u8; 32]>::try_from(key).map(DatabaseKey);
        key.map_err(|_| Failure::Internal("a key is broken".into()))
    };
    key.map(whole).transpose()
}
