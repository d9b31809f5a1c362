//! Runs each case of the contract of files on a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use release_links_contract::{FilePlace, file_cases};
use release_links_domain::file::MaxFileSize;
use release_links_files::{FilesPlace, ObjectFiles, limits};
use release_links_ports::FileStore;
use tempfile::TempDir;

struct Folder(TempDir);

impl FilePlace for Folder {
    fn open(&self, max: MaxFileSize) -> Arc<dyn FileStore> {
        // A folder that is missing is made.
        let place = FilesPlace::Folder(self.0.path().join("data/files"));
        Arc::new(ObjectFiles::open(&place, max).unwrap())
    }

    fn occupied(&self) -> usize {
        files_below(self.0.path())
    }

    fn part(&self) -> usize {
        limits::PART_IN_FOLDER
    }
}

fn files_below(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries.map(|entry| if entry.file_type().unwrap().is_dir() { files_below(&entry.path()) } else { 1 }).sum()
}

fn main() {
    let trials = file_cases().into_iter().map(|case| {
        Trial::test(case.name, move || {
            case.run(Arc::new(Folder(TempDir::new()?)));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
