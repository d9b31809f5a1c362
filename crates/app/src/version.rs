//! What this binary was built from, for people who report a fault and for the metric `release_links_build_info`.

/// The variable that tells a build which commit it is of, and of which day: `abc1234567 2026-11-27`.
pub(crate) const COMMIT_VARIABLE: &str = "RELEASE_LINKS_COMMIT";

const NUMBER: &str = env!("CARGO_PKG_VERSION");
const TARGET: &str = env!("TARGET");

/// The commit and its day, which only the build of a release knows.
fn commit() -> Option<&'static str> {
    option_env!("RELEASE_LINKS_COMMIT").map(str::trim).filter(|commit| !commit.is_empty())
}

/// What `--version` prints after the program's name; `-V` prints the number alone.
pub(crate) fn in_full() -> String {
    let commit = commit().map(|commit| format!(" ({commit})")).unwrap_or_default();
    format!("{NUMBER}{commit}\nSQLite {}\n{TARGET}", release_links_sqlite::sqlite_version())
}

/// The same as labels of a metric; of the commit without its day.
pub(crate) fn labels() -> Vec<(&'static str, &'static str)> {
    let commit = commit().and_then(|commit| commit.split_whitespace().next()).map(|commit| ("commit", commit));
    let others = [("version", NUMBER), ("sqlite", release_links_sqlite::sqlite_version()), ("target", TARGET)];
    others.into_iter().chain(commit).collect()
}
