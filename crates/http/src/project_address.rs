//! Rewrites a request's address so that it names the project by its current path or id.

use actix_web::HttpRequest;
use release_links_domain::ProjectId;
use release_links_domain::location::{ExternalUrl, valid_path_and_query};
use release_links_domain::namespace::FullPath;

use crate::params::{decode_segment, segments};
use crate::query::without_credentials;
use crate::web_address::{DASH, normalised, start_of_upload};

/// The segments before a project on the API.
const API_PROJECTS: [&str; 3] = ["api", "v4", "projects"];

/// The current address of a project, and what follows it in a request's path.
pub(crate) struct ProjectAddress<'a> {
    /// The path of the project: with the numeric id on the API, with the full path on the web.
    pub(crate) project: String,
    /// The remaining segments as they were sent; on the web the first is the dash, or that of an upload.
    pub(crate) rest: Vec<&'a str>,
}

/// Whether a raw segment decodes to `word`.
pub(crate) fn decodes_to(segment: &str, word: &str) -> bool {
    decode_segment(segment).is_ok_and(|decoded| decoded == word)
}

/// Returns the current address of the project in a request's path, on the API or on the web like the request's.
pub(crate) fn project_address<'a>(request: &'a HttpRequest, id: ProjectId, full_path: &FullPath) -> ProjectAddress<'a> {
    let mut segments: Vec<&str> = segments(request.uri().path()).collect();
    let is_api = segments.len() > API_PROJECTS.len()
        && API_PROJECTS.iter().zip(&segments).all(|(word, segment)| decodes_to(segment, word));
    let (project, end) = if is_api {
        (format!("/{}/{id}", API_PROJECTS.join("/")), API_PROJECTS.len() + 1)
    } else {
        let path = normalised(request.uri().path());
        let end = path.find(DASH).or_else(|| start_of_upload(&path)).unwrap_or(path.len());
        (format!("/{full_path}"), self::segments(&path[..end]).count())
    };
    ProjectAddress { project, rest: segments.split_off(end) }
}

/// Returns the URL of segments below a project, with the request's query except for credentials and the parameters in
/// `left_out`.
pub(crate) fn url<'a>(
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
