//! Copies a database in use into one consistent file, for backup and restore.
//!
//! The whole copy comes from one snapshot. Without one, `SQLite`'s online backup restarts whenever another process
//! writes, and never ends under constant writes.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use release_links_ports::Progress;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::{TempDir, TempPath};

use crate::failure::in_words;
use crate::file::{PRIVATE_DIRECTORY, PRIVATE_FILE, beside, connect};
use crate::kept_in_file::KeptInFile;
use crate::migrations::APPLICATION_ID;
use crate::open::{BUSY_TIMEOUT, OpenError, recognise, unusable};
use crate::refusal::refusal;

/// The number of pages copied between two reports of progress.
const PAGES_PER_STEP: i32 = 256;
/// The number of `SQLite` instructions between two checks whether to stop.
const INSTRUCTIONS: i32 = 1_000;
/// The suffixes of the files that `SQLite` keeps beside a database.
const SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why the copy failed. The messages are for operators.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source does not exist.
    #[error("there is no database {}", .0.display())]
    Missing(PathBuf),
    /// The source is empty.
    #[error("{} is empty", .0.display())]
    Empty(PathBuf),
    /// The source cannot be opened or is not a database of release-links.
    #[error(transparent)]
    Source(#[from] OpenError),
    /// The target exists.
    #[error("{} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// A file beside the target would be taken for a part of the copy.
    #[error("{} is left of a database that was here; move it away first", .0.display())]
    Remains(PathBuf),
    /// The copy cannot be written.
    #[error("cannot write {}", to.display())]
    Write {
        /// The target.
        to: PathBuf,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The copied database is damaged.
    #[error("{} is damaged: {finding}", from.display())]
    Damaged {
        /// The source.
        from: PathBuf,
        /// The first fault found.
        finding: String,
    },
    /// [`Progress::stopped`] returned true.
    #[error("stopped before the end; nothing was written")]
    Stopped,
}

/// A database that is copied and checked, but does not have its name yet: nothing is left of it unless it is
/// [put in place](Self::put_in_place).
pub struct StagedCopy {
    to: PathBuf,
    copy: TempPath,
    // After the file, so that the directory is empty when it is removed.
    _temporary: TempDir,
}

/// Copies a database of any schema version, even while it is written to, beside the place where it is to be.
///
/// # Errors
/// [`CopyError`], whose messages are for operators.
pub fn stage_copy(from: &Path, to: &Path, progress: &Arc<dyn Progress>) -> Result<StagedCopy, CopyError> {
    let copying = Copying { from, to, progress };
    let source = copying.open_source()?;
    refuse_to_overwrite(to)?;
    // A directory of its own, so that whatever SQLite puts beside the file is deleted with it.
    let private = Permissions::from_mode(PRIVATE_DIRECTORY);
    let temporary =
        tempfile::Builder::new().prefix(".release-links-").permissions(private).tempdir_in(directory_of(to));
    let temporary = temporary.map_err(|error| cannot_write(to, error))?;
    let copy = copying.create(&temporary)?;
    copying.fill(&source, &copy)?;
    drop(source);
    copying.verify(&copy)?;
    Ok(StagedCopy { to: to.to_owned(), copy, _temporary: temporary })
}

/// Returns the directory that a file is in.
fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl StagedCopy {
    /// Opens the copy to read which bytes its files have.
    ///
    /// # Errors
    /// [`CopyError::Source`] if that cannot be read.
    pub fn kept_files(&self) -> Result<KeptInFile, CopyError> {
        Ok(KeptInFile::open(&self.copy)?)
    }

    /// Gives the copy its name, and returns its size in bytes. It is synced then. After an error, no file has that name.
    ///
    /// # Errors
    /// [`CopyError`], whose messages are for operators.
    pub fn put_in_place(self) -> Result<u64, CopyError> {
        let Self { to, copy, _temporary } = self;
        refuse_to_overwrite(&to)?;
        let size = fs::metadata(&copy).map_err(|error| cannot_write(&to, error))?.len();
        copy.persist_noclobber(&to).map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => CopyError::Exists(to.clone()),
            _ => cannot_write(&to, refused.error),
        })?;
        File::open(directory_of(&to)).and_then(|directory| directory.sync_all()).map_err(|error| {
            // The new name may not survive a power failure, so the copy does not count. There is no further remedy if
            // deleting it fails.
            let _ = fs::remove_file(&to);
            cannot_write(&to, error)
        })?;
        Ok(size)
    }
}

fn refuse_to_overwrite(to: &Path) -> Result<(), CopyError> {
    // A dangling symbolic link counts, too.
    let taken = |path: &Path| path.symlink_metadata().is_ok();
    if taken(to) {
        return Err(CopyError::Exists(to.to_owned()));
    }
    for suffix in SUFFIXES {
        let remains = beside(to, suffix);
        if taken(&remains) {
            return Err(CopyError::Remains(remains));
        }
    }
    Ok(())
}

fn cannot_write(to: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CopyError {
    let source = refusal(to).map_or_else(|| source.into(), Into::into);
    CopyError::Write { to: to.to_owned(), source }
}

struct Copying<'a> {
    from: &'a Path,
    to: &'a Path,
    progress: &'a Arc<dyn Progress>,
}

impl Copying<'_> {
    /// Opens a connection to the source and begins a snapshot.
    fn open_source(&self) -> Result<Connection, CopyError> {
        let from = self.from;
        if !from.exists() {
            return Err(CopyError::Missing(from.to_owned()));
        }
        // The connection writes nothing, but a read-only one would leave SQLite's files behind when no server runs.
        let conn = connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| unusable(from, &error))?;
        conn.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT}; PRAGMA query_only = ON; BEGIN"))
            .map_err(|error| unusable(from, &error))?;
        recognise(&conn, from)?;
        if !is_ours(&conn).map_err(|error| unusable(from, &error))? {
            let pages = conn.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0));
            let nothing = pages.map_err(|error| unusable(from, &error))? == 0;
            let path = from.to_owned();
            return Err(if nothing { CopyError::Empty(path) } else { OpenError::NotOurs { path }.into() });
        }
        Ok(conn)
    }

    /// Creates an empty file that only the owner may read, as databases contain private projects.
    fn create(&self, temporary: &TempDir) -> Result<TempPath, CopyError> {
        let file = tempfile::NamedTempFile::new_in(temporary).map_err(|error| cannot_write(self.to, error))?;
        let private = Permissions::from_mode(PRIVATE_FILE);
        file.as_file().set_permissions(private).map_err(|error| cannot_write(self.to, error))?;
        Ok(file.into_temp_path())
    }

    fn fill(&self, source: &Connection, copy: &Path) -> Result<(), CopyError> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let mut target = connect(copy, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        // Crash safety is not needed before the sync below.
        target.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF").map_err(failed)?;
        let backup = Backup::new(source, &mut target).map_err(failed)?;
        let mut more = true;
        let mut total = None;
        while more {
            more = match backup.step(PAGES_PER_STEP).map_err(failed)? {
                StepResult::Done => false,
                StepResult::More => true,
                other => return Err(cannot_write(self.to, format!("{other:?}"))),
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
        // Without a write-ahead log, the copy can be read on read-only media. A server turns the log on again.
        target.execute_batch("PRAGMA journal_mode = DELETE").map_err(failed)?;
        target.close().map_err(|(_, error)| failed(error))?;
        File::open(copy).and_then(|file| file.sync_all()).map_err(|error| cannot_write(self.to, error))
    }

    /// Checks the copy by reading it back from its file.
    fn verify(&self, copy: &Path) -> Result<(), CopyError> {
        self.progress.begin("checking", None);
        let failed = |error: rusqlite::Error| self.failed(&error);
        let conn = connect(copy, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        let progress = Arc::clone(self.progress);
        conn.progress_handler(INSTRUCTIONS, Some(move || progress.stopped())).map_err(failed)?;
        let finding: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if finding != "ok" {
            // A line with the name of the database may precede the fault.
            return Err(self.damaged(finding.lines().last().unwrap_or_default().to_owned()));
        }
        let mut broken = conn.prepare("PRAGMA foreign_key_check").map_err(failed)?;
        let mut broken = broken.query([]).map_err(failed)?;
        if let Some(row) = broken.next().map_err(failed)? {
            let (table, other) = (row.get::<_, String>(0), row.get::<_, String>(2));
            let (table, other) = (table.map_err(failed)?, other.map_err(failed)?);
            return Err(self.damaged(format!("a row of {table} refers to a missing row of {other}")));
        }
        if is_ours(&conn).map_err(failed)? { Ok(()) } else { Err(self.damaged("it has no schema".into())) }
    }

    fn damaged(&self, finding: String) -> CopyError {
        CopyError::Damaged { from: self.from.to_owned(), finding }
    }

    fn failed(&self, error: &rusqlite::Error) -> CopyError {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => CopyError::Stopped,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => self.damaged(error.to_string()),
            _ => cannot_write(self.to, in_words(error)),
        }
    }
}

/// Returns whether a database has the application id and a schema of release-links, and so is not empty.
fn is_ours(conn: &Connection) -> rusqlite::Result<bool> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(number("application_id")? == APPLICATION_ID && number("user_version")? > 0)
}

#[cfg(test)]
mod tests;
