//! `release-links copy`: copies everything in one database into another, which must be empty.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use release_links_ports::Progress;
use release_links_sql::{CopySource, CopyTarget, copy_everything};

use crate::arguments::CopyBetween;
use crate::causes::chain;
use crate::database::Database;
use crate::progress::follow;

/// Copies, and prints what was copied on stdout: one line of tab-separated values for each table.
///
/// # Errors
/// Returns a message for the operator; the target is then still empty.
pub(crate) async fn copy(arguments: CopyBetween) -> Result<(), Box<dyn Error>> {
    let from = Database::named(&arguments.from).map_err(|error| format!("--from: {error}"))?;
    let to = Database::named(&arguments.to).map_err(|error| format!("--to: {error}"))?;
    let began = Instant::now();
    let mut source = open_source(&from).await.map_err(|error| format!("--from: {}", chain(&*error)))?;
    let target = open_target(&to).await.map_err(|error| format!("--to: {}", chain(&*error)))?;
    let work = async |progress: Arc<dyn Progress>| copy_everything(&mut *source, target, &*progress).await;
    let copied = follow(work).await??;
    let mut report = String::from("table\trows\tsha256\n");
    for table in &copied {
        // Writing to a string cannot fail.
        let _ = writeln!(report, "{}\t{}\t{}", table.name, table.rows, table.checksum);
    }
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    let _ = writeln!(report, "copied {rows} rows in {:.1} s; both sides are equal", began.elapsed().as_secs_f64());
    // The copy is done, even if nobody reads this.
    let _ = std::io::stdout().lock().write_all(report.as_bytes());
    Ok(())
}

async fn open_source(database: &Database) -> Result<Box<dyn CopySource>, Box<dyn Error>> {
    Ok(match database {
        Database::Sqlite(path) if !path.exists() => {
            return Err(format!("there is no database {}", path.display()).into());
        }
        Database::Sqlite(path) => release_links_sqlite::open_copy_source(path)?,
        Database::Postgres(options) => release_links_postgres::open_copy_source(options).await?,
    })
}

async fn open_target(database: &Database) -> Result<Box<dyn CopyTarget>, Box<dyn Error>> {
    Ok(match database {
        Database::Sqlite(path) => release_links_sqlite::open_copy_target(path)?,
        Database::Postgres(options) => release_links_postgres::open_copy_target(options).await?,
    })
}
