//! Computes the versions of the tags and releases that were stored without: those that an older server wrote.

use release_links_domain::version::TagVersion;
use tokio_postgres::{Client, Error};

/// The number of rows of one transaction, so that a database with millions of them needs little memory.
const BATCH: i64 = 10_000;

/// The versions `computed` for the rows with the ids `$1`.
macro_rules! update {
    ($table:literal, $columns:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET ",
            $columns,
            " FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::boolean[])
                AS computed (id, version, prefix, prerelease) WHERE ",
            $table,
            ".id = computed.id"
        )
    };
}

const TAGS: &str = "SELECT id, name FROM tags WHERE version = '' ORDER BY id LIMIT $1";
const SET_OF_TAGS: &str = update!("tags", "version = computed.version");
const RELEASES: &str = "SELECT id, tag FROM releases WHERE version = '' ORDER BY id LIMIT $1";
const SET_OF_RELEASES: &str = update!(
    "releases",
    "version = computed.version, version_prefix = computed.prefix, prerelease = computed.prerelease"
);

/// Stores the version of each tag and each release that has none stored yet.
pub async fn compute(client: &Client) -> Result<(), Error> {
    for (read, write) in [(TAGS, SET_OF_TAGS), (RELEASES, SET_OF_RELEASES)] {
        while compute_batch(client, read, write).await? > 0 {}
    }
    Ok(())
}

/// Stores the versions of some rows, and returns how many there were.
async fn compute_batch(client: &Client, read: &str, write: &str) -> Result<usize, Error> {
    let tags = client.query(read, &[&BATCH]).await?;
    if tags.is_empty() {
        return Ok(0);
    }
    let ids: Vec<i64> = tags.iter().map(|tag| tag.get(0)).collect();
    let versions: Vec<_> = tags.iter().map(|tag| TagVersion::of(tag.get(1))).collect();
    let keys: Vec<_> = versions.iter().map(|version| version.as_ref().map(|version| version.key.as_bytes())).collect();
    let prefixes: Vec<_> = versions.iter().map(|version| version.as_ref().map(|version| version.prefix)).collect();
    let are_prereleases: Vec<_> =
        versions.iter().map(|version| version.as_ref().is_some_and(|version| version.key.is_prerelease())).collect();
    client.execute(write, &[&ids, &keys, &prefixes, &are_prereleases]).await?;
    Ok(tags.len())
}
