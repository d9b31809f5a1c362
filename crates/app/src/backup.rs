//! `release-links backup` and `release-links restore`: copy a SQLite database into a file, and create one from it.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use actix_web::rt::task::spawn_blocking;
use release_links_sqlite::{copy_database, create_directory};

use crate::arguments::{Copy, DatabaseArguments};
use crate::database::Database;
use crate::progress::follow;

/// Copies the database into a new file.
///
/// # Errors
/// Returns a message for the operator; there is no copy then.
pub(crate) async fn backup(arguments: Copy) -> Result<(), Box<dyn Error>> {
    let from = file(arguments.database)?;
    copy(from, arguments.path).await
}

/// Creates the database from a copy.
///
/// # Errors
/// Returns a message for the operator; there is no database then.
pub(crate) async fn restore(arguments: Copy) -> Result<(), Box<dyn Error>> {
    let to = file(arguments.database)?;
    if let Some(directory) = to.parent().filter(|_| arguments.path.exists()) {
        create_directory(directory)?;
    }
    copy(arguments.path, to).await
}

async fn copy(from: PathBuf, to: PathBuf) -> Result<(), Box<dyn Error>> {
    let message = format!("copied {} to {}", from.display(), to.display());
    let size = follow(|progress| spawn_blocking(move || copy_database(&from, &to, &progress))).await???;
    let mut stdout = std::io::stdout().lock();
    // The copy is done, even if nobody reads this.
    let _ = writeln!(stdout, "{message}: {size} bytes, checked");
    Ok(())
}

/// The path of a SQLite database.
fn file(chosen: DatabaseArguments) -> Result<PathBuf, Box<dyn Error>> {
    match Database::try_from(chosen)? {
        Database::Sqlite(path) => Ok(path),
        Database::Postgres(_) => {
            Err("--database: PostgreSQL is backed up by pg_dump and restored by pg_restore; this is for sqlite:PATH"
                .into())
        }
    }
}
