//! What the binary says of itself.

use crate::harness::Launch;

/// Returns what the binary prints for a flag.
fn told(flag: &str) -> String {
    let ended = Launch::new().bare().arg(flag).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

#[test]
fn the_version_in_full_has_the_commit_sqlite_and_the_target() {
    let commit = option_env!("RELEASE_LINKS_COMMIT").map(|commit| format!(" ({commit})")).unwrap_or_default();
    let (number, sqlite, target) = (env!("CARGO_PKG_VERSION"), rusqlite::version(), env!("TARGET"));
    assert_eq!(told("--version"), format!("release-links {number}{commit}\nSQLite {sqlite}\n{target}\n"));
}

#[test]
fn the_short_version_is_the_number_alone() {
    assert_eq!(told("-V"), format!("release-links {}\n", env!("CARGO_PKG_VERSION")));
}
