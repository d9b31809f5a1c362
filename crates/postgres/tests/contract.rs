//! The storage contract, case by case, on databases of their own in a server of this run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Trial};
use release_links_cluster::Cluster;
use release_links_contract::{Database, SqlDatabase, Storage, cases, census};
use release_links_postgres::{Options, PostgresStore};
use tokio::runtime::Runtime;

/// Where the connections of all stores live, which outlive what a case does with one.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// A database of a case.
struct Fresh {
    cluster: Arc<Cluster>,
    name: String,
    options: Options,
}

impl Database for Fresh {
    fn connect(&self) -> Storage {
        let options = self.options.clone();
        // Cases connect from within their own runtime, where nothing may block on another.
        let opened = std::thread::spawn(move || RUNTIME.block_on(PostgresStore::open(&options)).unwrap());
        Storage::of(opened.join().unwrap())
    }
}

impl SqlDatabase for Fresh {
    fn sql(&self, statements: &str) {
        self.cluster.sql(&self.name, statements);
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let cluster = Arc::new(Cluster::start());
    let cases = cases();
    println!("{}", census(&cases));
    let trials = cases
        .into_iter()
        .enumerate()
        .map(|(number, case)| {
            let cluster = cluster.clone();
            Trial::test(case.name, move || {
                let name = format!("case_{number}");
                let options = cluster.create_database(&name).parse()?;
                case.run_on_sql(Arc::new(Fresh { cluster, name, options }));
                Ok(())
            })
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(cluster);
    conclusion.exit();
}
