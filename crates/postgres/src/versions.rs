//! Computes the versions of the tags that were stored without: those that an older server wrote.

use release_links_domain::version::VersionKey;
use tokio_postgres::{Client, Error};

/// The number of tags of one transaction, so that a database with millions of them needs little memory.
const BATCH: i64 = 10_000;

const READ: &str = "SELECT id, name FROM tags WHERE version = '' ORDER BY id LIMIT $1";
const WRITE: &str = "UPDATE tags SET version = computed.version
    FROM unnest($1::bigint[], $2::bytea[]) AS computed (id, version) WHERE tags.id = computed.id";

/// Stores the version of each tag that has none stored yet.
pub async fn compute(client: &Client) -> Result<(), Error> {
    loop {
        let tags = client.query(READ, &[&BATCH]).await?;
        if tags.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = tags.iter().map(|tag| tag.get(0)).collect();
        let keys: Vec<_> = tags.iter().map(|tag| VersionKey::of(tag.get(1))).collect();
        let keys: Vec<_> = keys.iter().map(|key| key.as_ref().map(VersionKey::as_bytes)).collect();
        client.execute(WRITE, &[&ids, &keys]).await?;
    }
}
