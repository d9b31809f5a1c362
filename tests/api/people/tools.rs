//! What tools request in addition: the instance's metadata, and lists that are always empty here.

use super::{INSUFFICIENT, NO_PROJECT, UNAUTHORIZED};
use crate::harness::Api;

#[test]
fn metadata_says_what_the_version_says_and_that_there_is_no_more() {
    let api = Api::public();
    let version = api.stranger().get("/api/v4/version").send().status(200).json();
    let metadata = api.stranger().get("/api/v4/metadata").send().status(200).json();
    assert_eq!((&metadata["version"], &metadata["revision"]), (&version["version"], &version["revision"]));
    assert_eq!((&metadata["kas"]["enabled"], &metadata["enterprise"]), (&false.into(), &false.into()));
    api.anonymous().get("/api/v4/metadata").send().is(401, UNAUTHORIZED);
    api.newcomer(0, "read_user").get("/api/v4/metadata").send().is(403, INSUFFICIENT);
}

#[test]
fn milestones_and_merge_requests_of_a_commit_are_empty_pages() {
    let (public, private) = (Api::public(), Api::private());
    for ending in ["milestones", "repository/commits/0123456789abcdef/merge_requests"] {
        let of = |api: &Api| format!("/api/v4/projects/{}/{ending}", api.project);
        let page = public.anonymous().get(of(&public) + "?state=active").send().status(200);
        assert_eq!((page.text.as_str(), page.header("x-total"), page.header("x-page")), ("[]", Some("0"), Some("1")));
        private.guest().get(of(&private)).send().is(200, "[]");
        for caller in [private.anonymous(), private.stranger()] {
            caller.get(of(&private) + "?page=x").send().is(404, NO_PROJECT);
        }
        public.anonymous().get(of(&public) + "?page=x").send().is_error("page is invalid");
        public.newcomer(0, "read_user").get(of(&public)).send().is(403, INSUFFICIENT);
    }
}
