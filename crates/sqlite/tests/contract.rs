//! The storage contract, case by case, on files of their own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use release_links_contract::{Database, Storage, cases};
use release_links_sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

struct File(TempDir);

impl Database for File {
    fn connect(&self) -> Storage {
        Storage::of(SqliteStore::open(&self.0.path().join("contract.db")).unwrap())
    }

    fn sql(&self, statements: &str) {
        let raw = Connection::open(self.0.path().join("contract.db")).unwrap();
        raw.execute_batch(statements).unwrap();
    }
}

fn main() {
    let trials = cases()
        .into_iter()
        .map(|case| {
            Trial::test(case.name, move || {
                case.run(Arc::new(File(TempDir::new()?)));
                Ok(())
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
