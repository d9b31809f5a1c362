//! The storage contract, case by case, on stores of their own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use release_links_contract::{Case, Database, EXTERNAL_URL, Storage, cases, census};
use release_links_memory::MemoryStore;

/// The stores of one case, which share what they hold.
struct Shared(MemoryStore);

impl Database for Shared {
    fn connect(&self) -> Storage {
        Storage::of(self.0.clone().serving_at(EXTERNAL_URL.parse().unwrap()))
    }
}

fn main() {
    let cases = cases();
    println!("{}", census(&cases));
    let trials = cases.into_iter().filter(|case| !case.needs_sql()).map(|case: Case| {
        Trial::test(case.name, move || {
            case.run(Arc::new(Shared(MemoryStore::default())));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
