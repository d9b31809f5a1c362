//! The database file: opens it by its exact name, and creates it so that only its owner may read it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

/// The mode of a file that only its owner may use.
pub const PRIVATE_FILE: u32 = 0o600;
/// The mode of a directory that only its owner may use.
pub const PRIVATE_DIRECTORY: u32 = 0o700;
/// The permission bits of users who are neither the owner nor in the group.
const OTHERS: u32 = 0o007;

/// Opens a connection to the file of exactly this name.
pub fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(by_name(path), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Returns a path that `SQLite` does not interpret. As built here, it reads `file:x?nolock=1` as a URL with options,
/// whatever the flags say, and `:memory:` as no file at all. After a directory, neither is special.
pub fn by_name(path: &Path) -> PathBuf {
    Path::new(".").join(path)
}

/// Creates an empty file, which is an empty database to `SQLite`, unless there is a file. `SQLite` itself would leave
/// read permission to the umask; the files that it puts beside a database inherit the database's mode.
pub fn create(path: &Path) -> io::Result<()> {
    // Closing a file releases all locks that this process has on it, so no connection may be opened meanwhile.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let made = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(path);
    let made = match made {
        // A dangling symbolic link: create its target.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && !path.exists() => {
            OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE_FILE).open(path)
        }
        made => made,
    };
    match made {
        // The umask may have cleared permissions of the owner.
        Ok(file) => file.set_permissions(Permissions::from_mode(PRIVATE_FILE)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Creates the directory of a new database and its missing parents. Syncs the entry of each, as the loss of one would
/// lose the database.
///
/// # Errors
/// An I/O error if a directory cannot be created or synced.
pub fn create_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_DIRECTORY).create(directory)?;
    for parent in directory.ancestors().skip(1).map(or_current) {
        match sync(parent) {
            // A directory that this process may not read existed before.
            Err(error) if error.kind() != ErrorKind::PermissionDenied => {
                tracing::warn!(%error, directory = %parent.display(), "cannot sync a directory");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Warns if every user of the machine may read the database. Does not change the mode, which may be intended.
pub fn warn_if_open_to_all(path: &Path) {
    let mode = fs::metadata(path).map_or(0, |file| file.permissions().mode());
    if mode & OTHERS != 0 {
        let mode = format!("{:o}", mode & 0o777);
        tracing::warn!(file = %path.display(), mode, "everybody on this machine may read the database; chmod 600 on the file prevents that");
    }
}

/// Returns the path of a file that `SQLite` keeps beside a database, by its suffix.
pub fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

pub fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Returns `.` for an empty path, which is the parent of a relative file name.
pub fn or_current(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() { Path::new(".") } else { directory }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_empty_and_private_to_its_owner() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new.db");
        create(&path).unwrap();
        assert_eq!((mode(&path), fs::read(&path).unwrap()), (PRIVATE_FILE, Vec::new()));
    }

    #[test]
    fn an_existing_file_does_not_change() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("old.db");
        fs::write(&path, "mine").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        create(&path).unwrap();
        assert_eq!((mode(&path), fs::read(&path).unwrap()), (0o640, b"mine".to_vec()));
    }

    #[test]
    fn a_dangling_link_gets_a_target_private_to_its_owner() {
        let directory = tempfile::tempdir().unwrap();
        let (link, path) = (directory.path().join("link.db"), directory.path().join("new.db"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        create(&link).unwrap();
        assert_eq!(mode(&path), PRIVATE_FILE);
    }

    #[test]
    fn new_directories_are_private_to_their_owner() {
        let directory = tempfile::tempdir().unwrap();
        create_directory(&directory.path().join("a/b")).unwrap();
        assert_eq!([mode(&directory.path().join("a")), mode(&directory.path().join("a/b"))], [PRIVATE_DIRECTORY; 2]);
    }

    #[test]
    fn sqlite_does_not_interpret_a_path() {
        for (path, expected) in [("file:x?nolock=1", "./file:x?nolock=1"), (":memory:", "./:memory:"), ("/a/b", "/a/b")]
        {
            assert_eq!(by_name(Path::new(path)), Path::new(expected));
        }
    }
}
