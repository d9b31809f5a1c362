//! `release-links copy`: copies everything in one database into another, which must be empty.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use release_links_files::FilesPlace;
use release_links_ports::Progress;
use release_links_sql::{CopySource, CopyTarget, copy_everything};
use release_links_usecases::{CopiedFiles, FileCopyError};

use crate::arguments::{CopyBetween, FilesArguments};
use crate::causes::chain;
use crate::database::Database;
use crate::files::{file_copy, told};
use crate::progress::follow;

/// Copies, and prints what was copied on stdout: one line of tab-separated values for each table.
///
/// # Errors
/// Returns a message for the operator; the target is then still empty.
pub(crate) async fn copy(arguments: CopyBetween) -> Result<(), Box<dyn Error>> {
    let from = Database::named(&arguments.from).map_err(|error| format!("--from: {error}"))?;
    let to = Database::named(&arguments.to).map_err(|error| format!("--to: {error}"))?;
    let files = arguments.to_files.map(|place| {
        let source = FilesArguments { place: arguments.from_files };
        (from.files(source), place)
    });
    let began = Instant::now();
    let mut source = open_source(&from).await.map_err(|error| format!("--from: {}", chain(&*error)))?;
    let target = open_target(&to).await.map_err(|error| format!("--to: {}", chain(&*error)))?;
    let work = async |progress: Arc<dyn Progress>| -> Result<_, Box<dyn Error>> {
        // Before the rows, which must not name bytes that are not there.
        let copied = match &files {
            Some(places) => Some(copy_files(&from, places, &progress).await?),
            None => None,
        };
        Ok((copied, copy_everything(&mut *source, target, &*progress).await?))
    };
    let (files_copied, copied) = follow(|bar| work(bar)).await??;
    let mut report = String::from("table\trows\tsha256\n");
    for table in &copied {
        // Writing to a string cannot fail.
        let _ = writeln!(report, "{}\t{}\t{}", table.name, table.rows, table.checksum);
    }
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    let _ = writeln!(report, "copied {rows} rows in {:.1} s; both sides are equal", began.elapsed().as_secs_f64());
    if let Some((copied, (_, to))) = files_copied.zip(files.as_ref()) {
        let _ = writeln!(report, "{}", told(copied, to));
    }
    // The copy is done, even if nobody reads this.
    let _ = std::io::stdout().lock().write_all(report.as_bytes());
    Ok(())
}

/// Copies the files of a database from one place to another.
async fn copy_files(
    database: &Database,
    (from, to): &(FilesPlace, FilesPlace),
    progress: &Arc<dyn Progress>,
) -> Result<CopiedFiles, Box<dyn Error>> {
    let opened = database.open_existing().await?;
    let files = file_copy(opened.ports.kept_files.clone(), from, to, progress).await?;
    match files.run().await {
        Err(error @ (FileCopyError::Missing(_) | FileCopyError::Changed(_))) => {
            Err(format!("--from-files: {from}: {error}; `release-links files check` says whose they are").into())
        }
        copied => Ok(copied?),
    }
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
