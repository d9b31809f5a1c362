//! `release-links files check`, and what the commands that copy files have in common.

use std::error::Error;
use std::sync::Arc;

use release_links_domain::file::MaxFileSize;
use release_links_files::{FilesPlace, ObjectFiles, OpenError};
use release_links_ports::{Clock as _, FileOwner, FileStore, KeptBytes, KeptFiles, Progress};
use release_links_usecases::{CheckedFiles, CopiedFiles, FileCheck, FileCopy, FileFinding};

use crate::ambient::SystemClock;
use crate::arguments::FilesCommand;
use crate::causes::chain;
use crate::database::Database;
use crate::progress::follow;

/// Reads every file, and prints a line on stdout for each that is not as it should be.
///
/// # Errors
/// Returns a message for the operator if a file is damaged, or if files could not be checked.
pub(crate) async fn check(command: FilesCommand) -> Result<(), Box<dyn Error>> {
    let FilesCommand::Check { database, files } = command;
    let database = Database::try_from(database)?;
    let place = database.files(files);
    let opened = database.open_existing().await?;
    let store = open(&place, MaxFileSize::DEFAULT)?;
    let kept = opened.ports.kept_files.clone();
    let checked = follow(|bar| async move {
        let check = FileCheck::new(kept, store, bar.clone());
        check.run(SystemClock.now(), |finding| bar.print(&line(&finding))).await.inspect(|checked| {
            let CheckedFiles { files, bytes, damaged, unused } = checked;
            bar.print(&format!(
                "checked {files} files of {bytes} bytes in {place}: {damaged} damaged, {unused} unused"
            ));
        })
    });
    match checked.await??.damaged {
        0 => Ok(()),
        1 => Err("a file is damaged".into()),
        damaged => Err(format!("{damaged} files are damaged").into()),
    }
}

/// Says what was found, and what to do about it.
fn line(finding: &FileFinding) -> String {
    const REMEDY: &str = "copy it back from a backup, or delete the file and publish it again";
    let named = |what: &str, kept: &KeptBytes, owners: &[FileOwner]| {
        format!("{what} {} of {} bytes ({})", kept.key, kept.bytes.size.bytes(), described(owners))
    };
    match finding {
        FileFinding::Missing(kept, owners) => format!("{}: {REMEDY}", named("missing", kept, owners)),
        FileFinding::Changed(kept, owners) => format!("{}: {REMEDY}", named("changed", kept, owners)),
        FileFinding::Unreadable(kept, owners, error) => {
            format!("{}: {}", named("unreadable", kept, owners), chain(error))
        }
        FileFinding::Unused(file) => {
            format!("unused {} of {} bytes: the server deletes it within the hour", file.key, file.size)
        }
    }
}

/// Returns which files have some bytes.
pub(crate) fn described(owners: &[FileOwner]) -> String {
    let names: Vec<_> = owners.iter().map(|FileOwner { project, file }| format!("{project}: {file}")).collect();
    if names.is_empty() { "of a project that was deleted".to_owned() } else { names.join(", ") }
}

/// Returns what says which files were copied.
pub(crate) fn told(files: CopiedFiles, to: &FilesPlace) -> String {
    let CopiedFiles { files, bytes, present } = files;
    format!("copied {files} files of {bytes} bytes to {to}, where {present} more were already, all checked")
}

/// Returns what copies the files of some rows from one place to another.
///
/// # Errors
/// Returns a message for the operator.
pub(crate) async fn file_copy(
    kept: Arc<dyn KeptFiles>,
    from: &FilesPlace,
    to: &FilesPlace,
    progress: &Arc<dyn Progress>,
) -> Result<FileCopy, Box<dyn Error>> {
    let largest = kept.total().await?.largest;
    // On S3, it decides how large the parts are.
    let max = MaxFileSize::try_from(largest.max(MaxFileSize::DEFAULT.bytes()))?;
    Ok(FileCopy::new(kept, open(from, max)?, open(to, max)?, progress.clone()))
}

fn open(place: &FilesPlace, max: MaxFileSize) -> Result<Arc<dyn FileStore>, OpenError> {
    Ok(Arc::new(ObjectFiles::open(place, max)?))
}
