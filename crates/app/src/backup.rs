//! `release-links backup` and `release-links restore`: copy a SQLite database and its files, and create both from copies.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::rt::task::spawn_blocking;
use release_links_domain::file::FileKey;
use release_links_files::FilesPlace;
use release_links_ports::{KeptFiles as _, Progress};
use release_links_sqlite::{KeptInFile, StagedCopy, create_directory, stage_copy};
use release_links_usecases::{CopiedFiles, FileCopyError};

use crate::arguments::{Copy, DatabaseArguments, FilesArguments};
use crate::causes::chain;
use crate::database::Database;
use crate::files::{described, file_copy, told};
use crate::progress::follow;

/// How often the copy begins again because files were deleted meanwhile.
const ATTEMPTS: u32 = 3;

/// Copies the database into a new file, and its files into a folder beside that.
///
/// # Errors
/// Returns a message for the operator; there is no copy of the database then.
pub(crate) async fn backup(arguments: Copy) -> Result<(), Box<dyn Error>> {
    let (from, store) = named(arguments.database, arguments.files)?;
    let folder = folder_of(&arguments.path);
    if is_same(&store, &folder)? {
        return Err(format!("--files: {store} is where the files of this backup would be copied to").into());
    }
    let files = (!arguments.without_files).then_some((store, folder));
    let to = arguments.path;
    let message = copied(&from, &to);
    let work = async |progress: Arc<dyn Progress>| {
        let mut attempts = 1..=ATTEMPTS;
        loop {
            let staged = stage(&from, &to, &progress).await?;
            let last = attempts.next() == Some(ATTEMPTS);
            let Some(files) = &files else { return Ok::<_, Box<dyn Error>>((staged, None)) };
            match back_up_files(&staged, files, &progress).await? {
                Ok(copied) => return Ok((staged, Some(copied))),
                // Deleted after the database was copied. Without the file, the copy would name bytes that it lacks.
                Err(FileCopyError::Missing(key)) if !last && is_unused(&from, &key).await? => {}
                Err(error) => return Err(failure(&staged, &files.0, error).await),
            }
        }
    };
    let (staged, files) = follow(|bar| work(bar)).await??;
    let size = staged.put_in_place()?;
    report(&message, size, files, &folder_of(&to));
    Ok(())
}

/// Creates the database from a copy, and brings its files back.
///
/// # Errors
/// Returns a message for the operator; there is no database then.
pub(crate) async fn restore(arguments: Copy) -> Result<(), Box<dyn Error>> {
    let (to, store) = named(arguments.database, arguments.files)?;
    let from = arguments.path;
    if let Some(directory) = to.parent().filter(|_| from.exists()) {
        create_directory(directory)?;
    }
    let message = copied(&from, &to);
    let folder = folder_of(&from);
    let work = async |progress: Arc<dyn Progress>| {
        let staged = stage(&from, &to, &progress).await?;
        if arguments.without_files {
            return Ok::<_, Box<dyn Error>>((staged, None));
        }
        match restore_files(&staged, (&folder, &store), &progress).await? {
            Ok(copied) => Ok((staged, Some(copied))),
            Err(error) => Err(failure(&staged, &folder, error).await),
        }
    };
    let (staged, files) = follow(|bar| work(bar)).await??;
    let size = staged.put_in_place()?;
    report(&message, size, files, &store);
    Ok(())
}

type Outcome = Result<Result<CopiedFiles, FileCopyError>, Box<dyn Error>>;

/// Copies exactly the files that the copied database names.
async fn back_up_files(
    staged: &StagedCopy,
    (store, folder): &(FilesPlace, FilesPlace),
    progress: &Arc<dyn Progress>,
) -> Outcome {
    let files = file_copy(Arc::new(staged.kept_files()?), store, folder, progress).await?;
    Ok(match files.run().await {
        Ok(copied) => files.discard_others().await.map(|()| copied),
        failed => failed,
    })
}

/// Brings back the files that the copied database names, unless one of them is damaged.
async fn restore_files(
    staged: &StagedCopy,
    (folder, store): (&FilesPlace, &FilesPlace),
    progress: &Arc<dyn Progress>,
) -> Outcome {
    let files = file_copy(Arc::new(staged.kept_files()?), folder, store, progress).await?;
    Ok(match files.check().await {
        Ok(()) => files.run().await,
        Err(error) => Err(error),
    })
}

/// Copies a database to where it gets its name once its files are there.
async fn stage(from: &Path, to: &Path, progress: &Arc<dyn Progress>) -> Result<StagedCopy, Box<dyn Error>> {
    let (from, to, progress) = (from.to_owned(), to.to_owned(), progress.clone());
    Ok(spawn_blocking(move || stage_copy(&from, &to, &progress)).await??)
}

/// Whether no file of a database has the bytes of a key any more.
async fn is_unused(database: &Path, key: &FileKey) -> Result<bool, Box<dyn Error>> {
    Ok(KeptInFile::open(database)?.in_use(vec![key.clone()]).await?.is_empty())
}

/// Says what is wrong, whose file it is, and what to do.
async fn failure(staged: &StagedCopy, from: &FilesPlace, error: FileCopyError) -> Box<dyn Error> {
    let owners = match (&error, staged.kept_files()) {
        (FileCopyError::Missing(key) | FileCopyError::Changed(key), Ok(kept)) => kept.owners(key, 2).await,
        _ => return error.into(),
    };
    let whose = described(&owners.unwrap_or_default());
    let error = chain(&error);
    format!("{from}: {error} ({whose}). No database was written; --without-files leaves the files out").into()
}

/// The folder with the files that belong to the copy of a database.
fn folder_of(copy: &Path) -> FilesPlace {
    let mut folder = copy.as_os_str().to_owned();
    folder.push(".files");
    FilesPlace::Folder(folder.into())
}

/// Whether two places are one folder, whichever paths lead there.
fn is_same(one: &FilesPlace, other: &FilesPlace) -> io::Result<bool> {
    let (FilesPlace::Folder(one), FilesPlace::Folder(other)) = (one, other) else { return Ok(one == other) };
    Ok(real(one)? == real(other)?)
}

/// Returns the absolute path of a folder, without symbolic links as far as it exists.
fn real(folder: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(folder)?;
    let of = |existing: &Path| Some(existing.canonicalize().ok()?.join(path.strip_prefix(existing).ok()?));
    Ok(path.ancestors().find_map(of).unwrap_or(path.clone()))
}

fn copied(from: &Path, to: &Path) -> String {
    format!("copied {} to {}", from.display(), to.display())
}

fn report(message: &str, size: u64, files: Option<CopiedFiles>, place: &FilesPlace) {
    let mut stdout = std::io::stdout().lock();
    // The copy is done, even if nobody reads this.
    let _ = writeln!(stdout, "{message}: {size} bytes, checked");
    if let Some(files) = files.filter(|files| *files != CopiedFiles::default()) {
        let _ = writeln!(stdout, "{}", told(files, place));
    }
}

/// The path of a SQLite database, and where its files are.
fn named(database: DatabaseArguments, files: FilesArguments) -> Result<(PathBuf, FilesPlace), Box<dyn Error>> {
    let database = Database::try_from(database)?;
    let place = database.files(files);
    match database {
        Database::Sqlite(path) => Ok((path, place)),
        Database::Postgres(_) => {
            Err("--database: PostgreSQL is backed up by pg_dump and restored by pg_restore; this is for sqlite:PATH"
                .into())
        }
    }
}
