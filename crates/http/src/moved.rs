//! Redirects from the old addresses of a project that has moved to the same address under its new path
//! (docs/contract.md, "Permanent links").

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use release_links_domain::ProjectId;
use release_links_domain::location::ExternalUrl;
use release_links_domain::namespace::FullPath;

use crate::project_address::{ProjectAddress, project_address, url};
use crate::reply::redirect;

/// Redirects a read: to the numeric id on the API, to the new path on the web.
pub(crate) fn redirect_to_new_path(
    request: &HttpRequest,
    external: &ExternalUrl,
    id: ProjectId,
    full_path: &FullPath,
) -> HttpResponse {
    let ProjectAddress { project, rest } = project_address(request, id, full_path);
    redirect(StatusCode::MOVED_PERMANENTLY, &url(request, external, project, rest, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::LOCATION;
    use actix_web::test::TestRequest;

    /// The address of an upload of this project.
    fn upload(project: &str, name: &str) -> String {
        format!("{project}/uploads/0123456789abcdef0123456789abcdef/{name}")
    }

    #[test]
    fn an_old_address_redirects_to_the_same_address_under_the_new_path() {
        for (old, new) in [
            ("/api/v4/projects/old%2Fp", "/api/v4/projects/7"),
            (
                "/api/v4/projects/old%2Fp/releases/v%2F1?a=b&private_token=x&c",
                "/api/v4/projects/7/releases/v%2F1?a=b&c",
            ),
            ("/old/p/-/releases/v1?job_token=x", "/new/p/-/releases/v1"),
            ("/old/p/-/releases/v1/-/x", "/new/p/-/releases/v1/-/x"),
            ("//old/p/%2D//releases/v1/", "/new/p/%2D/releases/v1"),
            (&upload("/old/p", "x.zip?private_token=x"), &upload("/new/p", "x.zip")),
            (&upload("//old/uploads/", "-/"), &upload("/new/p", "-")),
            (
                &upload("/old/p", "-").replace("uploads/0", "upload%73/%30"),
                &upload("/new/p", "-").replace("uploads/0", "upload%73/%30"),
            ),
            (&upload("/old/p/-", "x.zip"), &upload("/new/p/-", "x.zip")),
            ("/old/p", "/new/p"),
            // A project, or a group above it, may be called like what stands before an upload.
            ("/old/uploads/a/b", "/new/p"),
            ("/old/p/uploads/0a/x.zip", "/new/p"),
            (&upload("/old", "p"), "/new/p"),
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
