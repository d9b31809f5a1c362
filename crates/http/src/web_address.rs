//! Addresses on the web, where a project has no id and its full path contains slashes.

use std::borrow::Cow;

use release_links_domain::file::UploadSecret;
use release_links_domain::namespace::PathSegment;

use crate::params::{decode_segment, segments};

/// What stands between a project and its releases.
pub(crate) const DASH: &str = "/-/";
/// What stands between a project and its uploads.
pub(crate) const UPLOADS: &str = "/uploads/";

/// Returns where `/uploads/:secret/:file` begins, if a path ends so after a project. What has no secret may be a project
/// itself.
pub(crate) fn start_of_upload(path: &str) -> Option<usize> {
    let at = path.rmatch_indices('/').nth(2)?.0;
    let secret = path[at..].strip_prefix(UPLOADS)?.split('/').next()?;
    let is_of_project = project(&path[..at]).is_some_and(|project| !is_reserved(project));
    (is_of_project && secret.parse::<UploadSecret>().is_ok()).then_some(at)
}

/// Returns the project whose address on the web this is, if it can be one: a project is below a namespace, and no segment
/// of its path begins with a dash.
pub(crate) fn project(path: &str) -> Option<&str> {
    let project = path.strip_prefix('/')?;
    let is_possible = project.contains('/') && !project.split('/').any(|segment| segment.starts_with('-'));
    is_possible.then_some(project)
}

/// Whether a path begins like the routes of the service, below which there are no projects.
pub(crate) fn is_reserved(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    PathSegment::RESERVED.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// Returns a path without empty segments, whose other segments are decoded as far as they stay segments: a slash and a
/// percent sign stay encoded. Clients join addresses with a slash too many, and few of them encode alike.
pub(crate) fn normalised(raw_path: &str) -> Cow<'_, str> {
    let is_plain = !raw_path.contains('%') && !raw_path.contains("//") && !raw_path.ends_with('/');
    if is_plain && raw_path.starts_with('/') {
        return Cow::Borrowed(raw_path);
    }
    let segment = |raw| decode_segment(raw).unwrap_or_default().replace('%', "%25").replace('/', "%2F");
    let path = segments(raw_path).map(segment).fold(String::new(), |path, segment| path + "/" + &segment);
    Cow::Owned(if path.is_empty() { "/".to_owned() } else { path })
}
