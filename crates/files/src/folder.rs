//! Files in a folder.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use release_links_domain::file::FileKey;
use release_links_ports::BoxError;

use crate::paths;

/// How many bytes of an upload are written at once.
pub const PART: usize = 512 * 1024;
/// Only the server's user may read what private projects keep.
const PRIVATE_DIRECTORY: u32 = 0o700;
/// What precedes the number that `object_store` gives to a file that is not complete.
const UNFINISHED: char = '#';

/// A folder, which is made when the first file comes. It is also searched for what `object_store` does not list: files of
/// uploads that never ended.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    opened: Arc<OnceLock<Arc<LocalFileSystem>>>,
    /// Whether this process has made and synced it.
    made: Arc<Mutex<bool>>,
}

impl Folder {
    /// Names a folder.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), opened: Arc::default(), made: Arc::default() }
    }

    /// Opens the folder, if it is there.
    ///
    /// # Errors
    /// Returns an error if it cannot be read, or is a file.
    pub fn open(&self) -> Result<Option<Arc<LocalFileSystem>>, BoxError> {
        if let Some(opened) = self.opened.get() {
            return Ok(Some(opened.clone()));
        }
        match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err("it is not a folder".into()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let opened = Arc::new(LocalFileSystem::new_with_prefix(&self.path)?.with_fsync(true));
        Ok(Some(self.opened.get_or_init(|| opened).clone()))
    }

    /// Opens the folder and, before the first file comes, makes what is missing: it and the folders below it. Their names are
    /// synced here and not by the upload that needs them first, because another upload would not wait for its sync. They are
    /// synced even if they exist, since the server that made them may have been killed before its sync.
    ///
    /// # Errors
    /// Returns an error if it cannot be made or read.
    pub fn make(&self) -> Result<Arc<LocalFileSystem>, BoxError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !*made {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(PRIVATE_DIRECTORY).create(&self.path)?;
            for name in paths::folders().chain([paths::FOLDER_OF_MARK.to_owned()]) {
                builder.create(self.path.join(name))?;
            }
            for folder in self.synced() {
                match File::open(folder).and_then(|folder| folder.sync_all()) {
                    // What this process may not read, it has not created.
                    Err(error) if error.kind() != ErrorKind::PermissionDenied => return Err(error.into()),
                    _ => {}
                }
            }
            *made = true;
        }
        self.open()?.ok_or_else(|| "it was removed again".into())
    }

    /// Returns the folders whose entries a power cut may not remove: this one and those in which it lies. The last one of a
    /// relative path is the working directory.
    fn synced(&self) -> impl Iterator<Item = &Path> {
        self.path.ancestors().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
    }

    /// Removes the bytes of a key and the file that `object_store` may have left for it: an upload that fails when it is completed
    /// can no longer be aborted. A key is used only once, so the number of the file is 1.
    ///
    /// # Errors
    /// Returns an error if one of them is there and cannot be removed.
    pub fn discard(&self, key: &FileKey) -> io::Result<()> {
        let path = paths::of_key(key);
        let removed =
            [format!("{path}{UNFINISHED}1"), path.to_string()].map(|name| fs::remove_file(self.path.join(name)));
        removed.into_iter().filter(|removed| !is_missing(removed)).collect()
    }

    /// Removes what is left of uploads to which nothing was written since a time, and returns how many there were.
    pub fn discard_unfinished(&self, before: Timestamp) -> io::Result<u64> {
        let before = SystemTime::from(before);
        let mut discarded = 0;
        for name in paths::folders() {
            let entries = match fs::read_dir(self.path.join(name)) {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
                entries => entries?,
            };
            for file in entries {
                let file = file?;
                let is_old = || file.metadata().and_then(|file| file.modified()).is_ok_and(|at| at < before);
                if is_unfinished(&file.file_name().to_string_lossy()) && is_old() {
                    match fs::remove_file(file.path()) {
                        Ok(()) => discarded += 1,
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Ok(discarded)
    }
}

fn is_missing<T>(outcome: &io::Result<T>) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Whether a file of this name belongs to an upload that has not ended: a key and a number.
fn is_unfinished(name: &str) -> bool {
    name.split_once(UNFINISHED).is_some_and(|(key, number)| {
        key.parse::<FileKey>().is_ok() && !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    /// Makes a file below a folder that was last written at a time.
    fn make(folder: &Path, name: &str, written: Timestamp) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().set_modified(written.into()).unwrap();
    }

    #[test]
    fn only_old_files_of_uploads_that_never_ended_are_discarded() {
        let directory = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let old = now.checked_sub(1.second()).unwrap();
        let (one, other) = (FileKey::from([1; 16]), FileKey::from([2; 16]));
        let kept = [
            (format!("01/{one}"), old),
            (format!("02/{other}#1"), now),
            (format!("02/{other}#"), old),
            (format!("02/{other}#a"), old),
            ("02/notes#1".to_owned(), old),
            (format!("{one}#1"), old),
            (format!("lost+found/{one}#1"), old),
            ("03".to_owned(), old),
        ];
        for (name, written) in &kept {
            make(directory.path(), name, *written);
        }
        make(directory.path(), &format!("01/{one}#1"), old);
        make(directory.path(), &format!("02/{other}#12"), old);
        assert_eq!(Folder::new(directory.path()).discard_unfinished(now).unwrap(), 2);
        assert!(kept.iter().all(|(name, _)| directory.path().join(name).exists()));
        assert_eq!(Folder::new(directory.path()).discard_unfinished(now).unwrap(), 0);
    }

    #[test]
    fn the_entry_of_a_relative_folder_in_the_working_directory_is_synced() {
        let synced = |path| Folder::new(Path::new(path)).synced().map(Path::to_owned).collect::<Vec<_>>();
        assert_eq!(synced("files"), ["files", "."].map(PathBuf::from));
        assert_eq!(synced("data/files"), ["data/files", "data", "."].map(PathBuf::from));
        assert_eq!(synced("/srv/files"), ["/srv/files", "/srv", "/"].map(PathBuf::from));
    }

    #[test]
    fn a_folder_is_made_for_the_servers_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("data/files");
        assert!(Folder::new(&folder).open().unwrap().is_none());
        assert!(!folder.exists());
        Folder::new(&folder).make().unwrap();
        Folder::new(&folder).make().unwrap();
        assert!(Folder::new(&folder).open().unwrap().is_some());
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, PRIVATE_DIRECTORY);
        File::create(directory.path().join("file")).unwrap();
        let file = Folder::new(&directory.path().join("file"));
        assert!(file.open().is_err() && file.make().is_err());
    }
}
