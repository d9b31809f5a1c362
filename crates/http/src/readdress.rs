//! The request's own address once more, with its project called as it is called now.

use actix_web::HttpRequest;
use release_links_domain::ProjectId;
use release_links_domain::location::{ExternalUrl, valid_path_and_query};
use release_links_domain::namespace::FullPath;

use crate::params::decode_segment;
use crate::query::without_credentials;

/// What a project's address on the API begins with.
const API_PROJECTS: [&str; 3] = ["api", "v4", "projects"];

/// Where a project is, and what of a request's path follows after that.
pub(crate) struct MemberSource<'a> {
    /// With the numeric id on the API, with the full path on the web.
    pub(crate) project: String,
    /// The segments as they were sent; on the web the first is the dash.
    pub(crate) rest: Vec<&'a str>,
}

/// Whether a segment as it was sent says this.
pub(crate) fn says(segment: &str, word: &str) -> bool {
    decode_segment(segment).is_ok_and(|decoded| decoded == word)
}

/// The place that a request's path names, on the API or on the web as there.
pub(crate) fn place<'a>(request: &'a HttpRequest, id: ProjectId, full_path: &FullPath) -> MemberSource<'a> {
    let mut segments: Vec<&str> = request.uri().path().split('/').skip(1).collect();
    let is_api = segments.len() > API_PROJECTS.len()
        && API_PROJECTS.iter().zip(&segments).all(|(word, segment)| says(segment, word));
    let (project, end) = if is_api {
        (format!("/{}/{id}", API_PROJECTS.join("/")), API_PROJECTS.len() + 1)
    } else {
        let dash = segments.iter().position(|segment| says(segment, "-"));
        (format!("/{full_path}"), dash.unwrap_or(segments.len()))
    };
    MemberSource { project, rest: segments.split_off(end) }
}

/// The address of segments below a project, with the request's own query: without credentials, nor what `left_out` names.
pub(crate) fn address<'a>(
    request: &HttpRequest,
    external: &ExternalUrl,
    project: String,
    segments: impl IntoIterator<Item = &'a str>,
    left_out: &[&str],
) -> String {
    let path = segments.into_iter().fold(project, |path, segment| path + "/" + segment);
    let query = without_credentials(request.uri().query().unwrap_or_default(), left_out);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{external}{}", valid_path_and_query(&format!("{path}{mark}{query}")))
}
