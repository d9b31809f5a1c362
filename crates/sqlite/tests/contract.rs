//! Runs each case of the storage contract on a file of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use release_links_contract::{Database, EXTERNAL_URL, SqlDatabase, Storage, cases, census};
use release_links_sqlite::SqliteStore;
use release_links_sqlite::limits::LEASE;
use rusqlite::Connection;
use tempfile::TempDir;

struct File(TempDir);

impl Database for File {
    fn connect(&self) -> Storage {
        let store = SqliteStore::open(&self.0.path().join("contract.db")).unwrap();
        Storage::of(store.serving_at(EXTERNAL_URL.parse().unwrap()))
    }

    fn settle(&self) {
        std::thread::sleep(LEASE);
    }
}

impl SqlDatabase for File {
    fn sql(&self, statements: &str) {
        let raw = Connection::open(self.0.path().join("contract.db")).unwrap();
        raw.execute_batch(statements).unwrap();
        self.settle();
    }
}

fn main() {
    let cases = cases();
    println!("{}", census(&cases));
    let trials = cases
        .into_iter()
        .map(|case| {
            Trial::test(case.name, move || {
                case.run_on_sql(Arc::new(File(TempDir::new()?)));
                Ok(())
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
