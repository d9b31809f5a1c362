//! A disk that is full: what does not fit is refused and leaves nothing, and what is there stays readable.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream};
use release_links_domain::file::{FileKey, MaxFileSize};
use release_links_files::{FilesPlace, ObjectFiles, limits};
use release_links_ports::{FileStore, PutError, StoreError};

/// What the disk has room for: a small file and a part of a large one.
const ROOM: usize = 2 * limits::PART_IN_FOLDER;

/// A file system of this test's own.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Self {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={ROOM}"), "tmpfs"]).arg(at).status();
        assert!(mounted.unwrap().success(), "this test mounts a file system, which takes root");
        Self(at)
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

async fn put(files: &ObjectFiles, number: u8, size: usize) -> Result<(), PutError> {
    let bytes = stream::iter([Ok(Bytes::from(vec![number; size]))]);
    files.put(&FileKey::from([number; 16]), Box::pin(bytes)).await.map(|_| ())
}

#[test]
fn what_does_not_fit_on_the_disk_leaves_nothing_and_what_is_there_stays_readable() {
    let directory = tempfile::tempdir().unwrap();
    let _disk = SmallDisk::mount(directory.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let files = ObjectFiles::open(&FilesPlace::Folder(directory.path().to_owned()), MaxFileSize::DEFAULT).unwrap();
        let small = ROOM / 4;
        put(&files, 1, small).await.unwrap();
        // The first ends within its third part; the others are of one part, of which there is no room for the last.
        for (number, size) in [(2, ROOM + 1), (3, limits::PART_IN_FOLDER - 1), (4, limits::PART_IN_FOLDER - 1)] {
            let fits = number == 3;
            let outcome = put(&files, number, size).await;
            assert_eq!(outcome.is_ok(), fits, "{number}: {outcome:?}");
            assert!(fits || matches!(outcome, Err(PutError::Store(StoreError::Unavailable(_)))), "{outcome:?}");
            let left = fs::read_dir(directory.path().join(format!("{number:02x}"))).map_or(0, Iterator::count);
            assert_eq!(left, usize::from(fits));
        }
        let bytes = files.read(&FileKey::from([1; 16]), 0..small as u64).await.unwrap().unwrap();
        assert_eq!(bytes.try_collect::<Vec<_>>().await.unwrap().concat(), vec![1; small]);
        files.delete(&FileKey::from([3; 16])).await.unwrap();
        put(&files, 4, limits::PART_IN_FOLDER - 1).await.unwrap();
    });
}
