//! Projects that have moved: an old address leads on to the same one under the new path (contract section 7).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use release_links_domain::ProjectId;
use release_links_domain::location::{ExternalUrl, valid_path_and_query};
use release_links_domain::namespace::FullPath;

use crate::pagination::without_credentials;
use crate::params::decode_segment;
use crate::reply::redirect;

/// Sends a reader on: to the numeric id on the API, to the new path on the web.
pub(crate) fn redirect_to_new_path(
    request: &HttpRequest,
    external: &ExternalUrl,
    id: ProjectId,
    full_path: &FullPath,
) -> HttpResponse {
    let segments: Vec<&str> = request.uri().path().split('/').skip(1).collect();
    let is = |segment: &str, name: &str| decode_segment(segment).is_ok_and(|decoded| decoded == name);
    let is_api =
        segments.len() > API_PROJECTS.len() && API_PROJECTS.iter().zip(&segments).all(|(name, at)| is(at, name));
    let (new_path, rest) = if is_api {
        (format!("/{}/{id}", API_PROJECTS.join("/")), &segments[API_PROJECTS.len() + 1..])
    } else {
        let end = segments.iter().position(|segment| is(segment, "-")).unwrap_or(segments.len());
        (format!("/{full_path}"), &segments[end..])
    };
    let new_path = rest.iter().fold(new_path, |path, segment| path + "/" + segment);
    let query = without_credentials(request.uri().query().unwrap_or_default(), &[]);
    let mark = if query.is_empty() { "" } else { "?" };
    redirect(
        StatusCode::MOVED_PERMANENTLY,
        &format!("{external}{}", valid_path_and_query(&format!("{new_path}{mark}{query}"))),
    )
}

/// What a project's address on the API begins with.
const API_PROJECTS: [&str; 3] = ["api", "v4", "projects"];

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::LOCATION;
    use actix_web::test::TestRequest;

    #[test]
    fn an_old_address_leads_to_the_same_one_under_the_new_path() {
        for (old, new) in [
            ("/api/v4/projects/old%2Fp", "/api/v4/projects/7"),
            (
                "/api/v4/projects/old%2Fp/releases/v%2F1?a=b&private_token=x&c",
                "/api/v4/projects/7/releases/v%2F1?a=b&c",
            ),
            ("/old/p/-/releases/v1?job_token=x", "/new/p/-/releases/v1"),
            ("/old/p/-/releases/v1/-/x", "/new/p/-/releases/v1/-/x"),
            ("/old/p/%2D/releases/v1/", "/new/p/%2D/releases/v1/"),
            ("/a%70i/v4/projects/old%2Fp/releases", "/api/v4/projects/7/releases"),
        ] {
            let request = TestRequest::with_uri(old).to_http_request();
            let external = "https://h/base".parse().unwrap();
            let reply = redirect_to_new_path(&request, &external, 7.try_into().unwrap(), &"new/p".parse().unwrap());
            assert_eq!(reply.headers().get(LOCATION).unwrap(), &format!("https://h/base{new}"));
            assert_eq!(reply.status(), StatusCode::MOVED_PERMANENTLY);
        }
    }
}
