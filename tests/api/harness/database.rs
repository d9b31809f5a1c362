//! The databases of the tests: one file for each or, if `RELEASE_LINKS_TEST_DATABASE` is `postgres`, a new database for
//! each on a temporary server that all tests of this process share.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use release_links_cluster::Cluster;
use tempfile::TempDir;

/// The name of the file.
pub const FILE: &str = "release-links.db";

/// Whether this run of the tests uses `PostgreSQL`.
pub fn on_postgres() -> bool {
    match env::var("RELEASE_LINKS_TEST_DATABASE").as_deref() {
        Err(_) | Ok("") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("RELEASE_LINKS_TEST_DATABASE: unknown database {other:?}"),
    }
}

/// Returns the server that all tests of this process share. It stops with the process.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

/// Creates an empty database on that server, and returns its URL.
pub fn on_a_server() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    cluster().create_database(&format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Returns the URL of a database in a file of that directory.
pub fn in_a_file(directory: &TempDir) -> OsString {
    let mut url = OsString::from("sqlite:");
    url.push(directory.path().join(FILE));
    url
}

/// Returns everything that a database stores: its files, or its tables and its server's log.
pub fn stored(url: &OsStr, directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut pieces = Vec::new();
    let paths = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    // Files that clients publish are theirs.
    for path in paths.filter(|path| path.is_file()) {
        pieces.push((path.display().to_string(), fs::read(&path).unwrap()));
    }
    if let Some((_, name)) =
        url.to_str().filter(|url| url.starts_with("postgres:")).and_then(|url| url.rsplit_once('/'))
    {
        pieces.push(("the tables".to_owned(), cluster().dump(name).into_bytes()));
        pieces.push(("the log of the database".to_owned(), cluster().log().into_bytes()));
    }
    pieces
}
