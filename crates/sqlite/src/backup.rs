//! A consistent copy of a database in use, in one file: how a backup is made, and how it is put back.
//!
//! The whole copy comes from one snapshot. Without that, `SQLite`'s online backup starts over whenever another process has
//! written, and under constant writes never ends.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use release_links_ports::Progress;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::{TempDir, TempPath};

use crate::file::{PRIVATE_DIRECTORY, PRIVATE_FILE, connect};
use crate::migrations::APPLICATION_ID;
use crate::open::{BUSY_TIMEOUT, OpenError, recognise, unusable};

/// How many pages are copied before the progress is told.
const PAGES: i32 = 256;
/// How many instructions `SQLite` runs before it is asked whether to go on.
const INSTRUCTIONS: i32 = 1_000;
/// What may stand beside a database and belongs to it alone.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why no copy was made; the messages are for the people who run the service.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is nothing to copy.
    #[error("there is no database {}", .0.display())]
    Missing(PathBuf),
    /// The file to copy holds nothing.
    #[error("{} is empty", .0.display())]
    Empty(PathBuf),
    /// What is to be copied cannot be opened or is not ours.
    #[error(transparent)]
    Source(#[from] OpenError),
    /// The copy's place is taken.
    #[error("{} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// A file stands beside the copy's place that would be taken for a part of it.
    #[error("{} is left of a database that stood here; move it away first", .0.display())]
    Remains(PathBuf),
    /// The copy cannot be written.
    #[error("cannot write {}", to.display())]
    Write {
        /// The copy's place.
        to: PathBuf,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was copied does not hold together.
    #[error("{} is damaged: {finding}", from.display())]
    Damaged {
        /// What was copied.
        from: PathBuf,
        /// The first fault that was found.
        finding: String,
    },
    /// It was asked to stop.
    #[error("stopped before the end; nothing was written")]
    Stopped,
}

/// Copies a database of ours, whatever its schema's version and whoever writes to it meanwhile, and gives the copy's size in
/// bytes. The copy is checked and on disk before it stands in its place; after an error nothing does.
///
/// # Errors
/// [`CopyError`], whose messages are for the people who run the service.
pub fn copy_database(from: &Path, to: &Path, progress: &Arc<dyn Progress>) -> Result<u64, CopyError> {
    let copying = Copying { from, to, progress };
    let source = copying.open_source()?;
    copying.refuse_to_overwrite()?;
    let directory = match to.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    // In a directory of its own, so that whatever SQLite puts beside the file goes away with it.
    let private = Permissions::from_mode(PRIVATE_DIRECTORY);
    let aside = tempfile::Builder::new().prefix(".release-links-").permissions(private).tempdir_in(directory);
    let aside = aside.map_err(|error| copying.unwritten(error))?;
    let copy = copying.create(&aside)?;
    copying.fill(&source, &copy)?;
    drop(source);
    copying.verify(&copy)?;
    copying.refuse_to_overwrite()?;
    copying.put_in_place(copy, directory)
}

struct Copying<'a> {
    from: &'a Path,
    to: &'a Path,
    progress: &'a Arc<dyn Progress>,
}

impl Copying<'_> {
    /// A connection to what is copied, within a snapshot.
    fn open_source(&self) -> Result<Connection, CopyError> {
        let from = self.from;
        if !from.exists() {
            return Err(CopyError::Missing(from.to_owned()));
        }
        // Nothing is written through it, but only one that could leaves no files behind when the server does not run.
        let conn = connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| unusable(from, error))?;
        conn.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT}; PRAGMA query_only = ON; BEGIN"))
            .map_err(|error| unusable(from, error))?;
        recognise(&conn, from)?;
        if !is_ours(&conn).map_err(|error| unusable(from, error))? {
            let pages = conn.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0));
            let nothing = pages.map_err(|error| unusable(from, error))? == 0;
            let path = from.to_owned();
            return Err(if nothing { CopyError::Empty(path) } else { OpenError::NotOurs { path }.into() });
        }
        Ok(conn)
    }

    fn refuse_to_overwrite(&self) -> Result<(), CopyError> {
        // A link that leads nowhere is in the way, too.
        let taken = |path: &Path| path.symlink_metadata().is_ok();
        if taken(self.to) {
            return Err(CopyError::Exists(self.to.to_owned()));
        }
        for ending in COMPANIONS {
            let mut beside = self.to.as_os_str().to_owned();
            beside.push(ending);
            if taken(Path::new(&beside)) {
                return Err(CopyError::Remains(beside.into()));
            }
        }
        Ok(())
    }

    /// An empty file that nobody else may read, as databases hold what projects keep private.
    fn create(&self, aside: &TempDir) -> Result<TempPath, CopyError> {
        let file = tempfile::NamedTempFile::new_in(aside).map_err(|error| self.unwritten(error))?;
        let private = Permissions::from_mode(PRIVATE_FILE);
        file.as_file().set_permissions(private).map_err(|error| self.unwritten(error))?;
        Ok(file.into_temp_path())
    }

    fn fill(&self, source: &Connection, copy: &Path) -> Result<(), CopyError> {
        let failed = |error: rusqlite::Error| self.failed(error);
        let mut target = connect(copy, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        // The file counts for nothing until it is synced below.
        target.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF").map_err(failed)?;
        let backup = Backup::new(source, &mut target).map_err(failed)?;
        let mut more = true;
        let mut total = None;
        while more {
            more = match backup.step(PAGES).map_err(failed)? {
                StepResult::Done => false,
                StepResult::More => true,
                other => return Err(self.unwritten(format!("{other:?}"))),
            };
            let at = backup.progress();
            let [pages, left] = [at.pagecount, at.remaining].map(|pages| u64::try_from(pages).unwrap_or_default());
            if total.is_none() {
                self.progress.begin("copying", Some(pages));
                total = Some(pages);
            }
            self.progress.reach(pages - left);
            if self.progress.stopped() {
                return Err(CopyError::Stopped);
            }
        }
        drop(backup);
        // So that the copy can be read where nothing can be written; a server turns its log on again.
        target.execute_batch("PRAGMA journal_mode = DELETE").map_err(failed)?;
        target.close().map_err(|(_, error)| failed(error))?;
        File::open(copy).and_then(|file| file.sync_all()).map_err(|error| self.unwritten(error))
    }

    /// Reads the copy as it is in its file.
    fn verify(&self, copy: &Path) -> Result<(), CopyError> {
        self.progress.begin("checking", None);
        let failed = |error: rusqlite::Error| self.failed(error);
        let conn = connect(copy, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        let progress = Arc::clone(self.progress);
        conn.progress_handler(INSTRUCTIONS, Some(move || progress.stopped())).map_err(failed)?;
        let finding: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if finding != "ok" {
            // Before the fault there may be a line with the name of the database.
            return Err(self.damaged(finding.lines().last().unwrap_or_default().to_owned()));
        }
        let mut broken = conn.prepare("PRAGMA foreign_key_check").map_err(failed)?;
        let mut broken = broken.query([]).map_err(failed)?;
        if let Some(row) = broken.next().map_err(failed)? {
            let (table, other) = (row.get::<_, String>(0), row.get::<_, String>(2));
            let (table, other) = (table.map_err(failed)?, other.map_err(failed)?);
            return Err(self.damaged(format!("a row of {table} belongs to one of {other} that is not there")));
        }
        if is_ours(&conn).map_err(failed)? { Ok(()) } else { Err(self.damaged("it has no schema".into())) }
    }

    fn put_in_place(&self, copy: TempPath, directory: &Path) -> Result<u64, CopyError> {
        let size = fs::metadata(&copy).map_err(|error| self.unwritten(error))?.len();
        copy.persist_noclobber(self.to).map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => CopyError::Exists(self.to.to_owned()),
            _ => self.unwritten(refused.error),
        })?;
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(|error| {
            // It may not outlive a loss of power, and so does not count; nothing more can be done when it cannot go.
            let _ = fs::remove_file(self.to);
            self.unwritten(error)
        })?;
        Ok(size)
    }

    fn unwritten(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CopyError {
        CopyError::Write { to: self.to.to_owned(), source: source.into() }
    }

    fn damaged(&self, finding: String) -> CopyError {
        CopyError::Damaged { from: self.from.to_owned(), finding }
    }

    fn failed(&self, error: rusqlite::Error) -> CopyError {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => CopyError::Stopped,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => self.damaged(error.to_string()),
            _ => self.unwritten(error),
        }
    }
}

/// Whether a database has our mark and a schema of ours, and is not just empty.
fn is_ours(conn: &Connection) -> rusqlite::Result<bool> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(number("application_id")? == APPLICATION_ID && number("user_version")? > 0)
}

#[cfg(test)]
mod tests;
