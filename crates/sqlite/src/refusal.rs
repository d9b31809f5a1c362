//! Why the system does not let `SQLite` use a database, in words for the operator. `SQLite` itself says only that it
//! cannot.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User, geteuid};
use rusqlite::ErrorCode;
use rustix::fs::{Access, access, statvfs};
use rustix::io::Errno;

use crate::file::{beside, or_current};

/// The size of the first file that `SQLite` creates to use a database, with the memory that its connections share.
const FIRST_BYTES: u64 = 32 * 1024;

/// Why the system refuses.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The file or directory belongs to a user who does not let this process write it.
    #[error("permission denied: {} belongs to {owner}, and this process runs as {process}", path.display())]
    Denied { path: PathBuf, owner: String, process: String },
    /// Nothing can be written there.
    #[error("its file system is mounted read-only")]
    ReadOnly,
    /// Nothing more can be written there.
    #[error("the disk is full")]
    Full,
}

/// Returns why a database, which may be missing, can be neither created nor used, if the system refuses that.
pub fn refusal(database: &Path) -> Option<Refusal> {
    let files = [database.to_owned(), beside(database, "-wal"), beside(database, "-shm")];
    files.iter().find_map(|file| refused(file)).or_else(|| is_full(database).then_some(Refusal::Full))
}

/// Returns whether the system may be the cause of an error.
pub fn may_explain(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::CannotOpen
                | ErrorCode::DiskFull
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
        )
    )
}

/// A missing file must be created in the nearest directory that exists.
fn refused(file: &Path) -> Option<Refusal> {
    let (path, found) = nearest(file)?;
    let wanted = if found.is_dir() { Access::WRITE_OK | Access::EXEC_OK } else { Access::READ_OK | Access::WRITE_OK };
    match access(path, wanted) {
        Err(Errno::ACCESS) => Some(Refusal::Denied {
            path: path.to_owned(),
            owner: name(Uid::from_raw(found.uid())),
            process: name(geteuid()),
        }),
        Err(Errno::ROFS) => Some(Refusal::ReadOnly),
        _ => None,
    }
}

fn is_full(file: &Path) -> bool {
    let disk = nearest(file).and_then(|(path, _)| statvfs(path).ok());
    disk.is_some_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < FIRST_BYTES)
}

/// Returns the file or the nearest directory above it that exists, as far as this process can tell.
fn nearest(file: &Path) -> Option<(&Path, Metadata)> {
    file.ancestors().map(or_current).find_map(|path| Some((path, fs::metadata(path).ok()?)))
}

fn name(user: Uid) -> String {
    match User::from_uid(user) {
        Ok(Some(found)) => found.name,
        _ => format!("the user with the id {user}"),
    }
}
