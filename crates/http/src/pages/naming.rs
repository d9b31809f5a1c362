//! What releases are called, and where the pages of a project are.

use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::FullPath;
use release_links_domain::release::Release;
use release_links_domain::tag::TagName;

/// Returns the name of a release, or its tag if that would show nothing.
pub(super) fn heading(release: &Release) -> &str {
    Some(release.display_name()).filter(|name| !name.trim().is_empty()).unwrap_or(release.tag.as_str())
}

/// Returns the words that a release is marked with.
pub(super) fn marks(is_upcoming: bool, is_latest: bool, is_immutable: bool) -> Vec<&'static str> {
    let marks = [(is_upcoming, "Upcoming"), (is_latest, "Latest"), (is_immutable, "Immutable")];
    marks.into_iter().filter(|&(is_so, _)| is_so).map(|(_, mark)| mark).collect()
}

/// Returns the address of the list of a project's releases.
pub(super) fn list_address(project: &FullPath, external: &ExternalUrl) -> String {
    format!("{}/-/releases", external.page(project))
}

/// Returns the address of a release's history.
pub(super) fn history_address(project: &FullPath, tag: &TagName, external: &ExternalUrl) -> String {
    format!("{}/history", external.release(project, tag))
}

/// Returns the address of a project's feed.
pub(super) fn feed_address(project: &FullPath, external: &ExternalUrl) -> String {
    format!("{}.atom", list_address(project, external))
}
