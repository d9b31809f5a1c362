//! Projects that have moved: an old address leads on to the same one under the new path (docs/contract.md, "Permanent links").

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use release_links_domain::ProjectId;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::FullPath;

use crate::readdress::{MemberSource, address, place};
use crate::reply::redirect;

/// Sends a reader on: to the numeric id on the API, to the new path on the web.
pub(crate) fn redirect_to_new_path(
    request: &HttpRequest,
    external: &ExternalUrl,
    id: ProjectId,
    full_path: &FullPath,
) -> HttpResponse {
    let MemberSource { project, rest } = place(request, id, full_path);
    redirect(StatusCode::MOVED_PERMANENTLY, &address(request, external, project, rest, &[]))
}

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
