//! What tools request in addition: the instance's metadata, the default branch, and lists that are always empty here.

use serde_json::json;

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

#[test]
fn a_project_has_one_branch_which_a_search_finds_or_not() {
    let api = Api::public();
    let project = api.guest().get(format!("/api/v4/projects/{}", api.project)).send().status(200).json();
    let (at, page) = (&project["created_at"], project["web_url"].as_str().unwrap());
    let branches = format!("/api/v4/projects/{}/repository/branches", api.project);
    let main = json!([{
        "name": "main",
        "commit": {
            "id": "", "short_id": "", "title": "", "message": "",
            "created_at": at, "authored_date": at, "committed_date": at, "parent_ids": [],
        },
        "merged": false, "protected": true, "default": true, "web_url": format!("{page}/-/tree/main"),
    }]);
    for (query, found, total) in [
        ("", &main, "1"),
        ("?search=AI", &main, "1"),
        ("?search=%5Emain", &main, "1"),
        ("?search=", &main, "1"),
        ("?search=in%24&per_page=1", &main, "1"),
        ("?page=2", &json!([]), "1"),
        ("?search=%5Ein", &json!([]), "0"),
    ] {
        let answer = api.anonymous().get(format!("{branches}{query}")).send().status(200);
        assert_eq!((&answer.json(), answer.header("x-total")), (found, Some(total)), "{query}");
    }
    let long = format!("{branches}?search={}", "m".repeat(256));
    api.anonymous().get(long).send().is(200, "[]");
    api.anonymous().get(branches + "?page=x&search[]=m").send().is_error("page is invalid, search is invalid");
}
