//! The schema, as an append-only list of migrations.

use refinery::{Migration, Runner};
use tokio_postgres::Client;

use crate::open_error::OpenError;
use crate::versions;

/// Servers migrate one at a time; the others wait for this lock.
const LOCK: &str = "SELECT pg_advisory_lock(1380732491)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(1380732491)";

const STEPS: &[(&str, &str)] = &[
    ("V1__initial", include_str!("../migrations/V1__initial.sql")),
    ("V2__places", include_str!("../migrations/V2__places.sql")),
    ("V3__tags_by_creation", include_str!("../migrations/V3__tags_by_creation.sql")),
    ("V4__versions_of_tags", include_str!("../migrations/V4__versions_of_tags.sql")),
    ("V5__fields", include_str!("../migrations/V5__fields.sql")),
    ("V6__orders_of_lists", include_str!("../migrations/V6__orders_of_lists.sql")),
    ("V7__digests", include_str!("../migrations/V7__digests.sql")),
    ("V8__links_on_conflict", include_str!("../migrations/V8__links_on_conflict.sql")),
    ("V9__positions", include_str!("../migrations/V9__positions.sql")),
    ("V10__versions_of_releases", include_str!("../migrations/V10__versions_of_releases.sql")),
    ("V11__release_channels", include_str!("../migrations/V11__release_channels.sql")),
    ("V12__history", include_str!("../migrations/V12__history.sql")),
    ("V13__packages", include_str!("../migrations/V13__packages.sql")),
    ("V14__uploads", include_str!("../migrations/V14__uploads.sql")),
    ("V15__links_to_files", include_str!("../migrations/V15__links_to_files.sql")),
    ("V16__keys", include_str!("../migrations/V16__keys.sql")),
];

/// Whether there are tables, and whether release-links has created them.
const STATE: &str = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema()),
    to_regclass('refinery_schema_history') IS NOT NULL";

/// The schema version of the database.
const LAST: &str = "SELECT max(version) FROM refinery_schema_history";

fn runner() -> Result<Runner, OpenError> {
    let steps: Result<Vec<_>, _> = STEPS.iter().map(|(name, sql)| Migration::unapplied(name, sql)).collect();
    Ok(Runner::new(&steps.map_err(OpenError::migration)?))
}

/// Migrates the schema to the newest version. Several servers may do so at once.
pub async fn migrate(client: &mut Client) -> Result<(), OpenError> {
    client.batch_execute(LOCK).await.map_err(OpenError::of)?;
    let migrated = migrate_alone(client).await;
    client.batch_execute(UNLOCK).await.map_err(OpenError::of)?;
    migrated
}

async fn migrate_alone(client: &mut Client) -> Result<(), OpenError> {
    let state = client.query_one(STATE, &[]).await.map_err(OpenError::of)?;
    let (has_tables, has_ours): (bool, bool) = (state.get(0), state.get(1));
    if has_tables && !has_ours {
        return Err(OpenError::NotOurs);
    }
    if has_ours {
        let last: Option<i32> = client.query_one(LAST, &[]).await.map_err(OpenError::of)?.get(0);
        let (found, known) = (last.map_or(0, i64::from), newest());
        if found > known {
            return Err(OpenError::Newer { found, known });
        }
        if found == known {
            return versions::compute(client).await.map_err(OpenError::of);
        }
    }
    runner()?.run_async(client).await.map_err(OpenError::migration)?;
    versions::compute(client).await.map_err(OpenError::of)
}

/// Returns the newest schema version that this release knows.
fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}
