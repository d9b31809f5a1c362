//! Runs each case of the storage contract on a database of its own, in a server started for this run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Trial};
use release_links_cluster::Cluster;
use release_links_contract::{Database, EXTERNAL_URL, SqlDatabase, Storage, cases, census};
use release_links_postgres::{Options, PostgresStore};
use tokio::runtime::Runtime;

/// The runtime of all stores' connections, which outlive the runtime of a case.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// The storage of a case, in a new database.
struct Fresh {
    cluster: Arc<Cluster>,
    name: String,
    options: Options,
}

impl Database for Fresh {
    fn connect(&self) -> Storage {
        let options = self.options.clone();
        // A case runs in its own runtime, in which `block_on` would panic.
        let opened = std::thread::spawn(move || RUNTIME.block_on(PostgresStore::open(&options)).unwrap());
        Storage::of(opened.join().unwrap().serving_at(EXTERNAL_URL.parse().unwrap()))
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
