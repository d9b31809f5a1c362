//! docs/contract.md, "Link endpoints": how a project, a tag and a link are addressed.

use serde_json::json;

use crate::harness::{Api, encoded};

const NO_ROUTE: &str = r#"{"error":"404 Not Found"}"#;

fn links_by(project: &str) -> String {
    format!("/api/v4/projects/{project}/releases/v1.7.0/assets/links")
}

#[test]
fn a_project_is_addressed_by_its_id_and_by_its_encoded_path() {
    let api = Api::public();
    api.add("a", "http://a");
    let by_id = api.guest().get(api.links()).send().status(200).text;
    api.guest().get(links_by(&encoded(&api.path))).send().is(200, &by_id);
    api.guest().get(links_by(&api.path.replace('/', "%2f"))).send().is(200, &by_id);
}

#[test]
fn a_project_path_is_compared_without_case() {
    let api = Api::public();
    for path in [api.path.to_uppercase(), api.path.to_lowercase()] {
        api.guest().get(links_by(&encoded(&path))).send().is(200, "[]");
    }
}

#[test]
fn every_verb_works_through_the_encoded_path() {
    let api = Api::public();
    let links = links_by(&encoded(&api.path));
    let id = api.developer().post(&links).json(json!({ "name": "a", "url": "http://a" })).send().status(201).id();
    let link = format!("{links}/{id}");
    api.developer().get(&link).send().status(200);
    api.developer().put(&link).json(json!({ "name": "b" })).send().status(200);
    api.developer().delete(&link).send().status(200);
}

#[test]
fn the_raw_slash_of_a_project_path_is_no_route() {
    let api = Api::public();
    api.guest().get(links_by(&api.path)).send().is(404, NO_ROUTE);
}

#[test]
fn encoded_dots_dashes_and_underscores_are_what_they_stand_for() {
    let api = Api::public();
    api.add("a", "http://a");
    let expected = api.snapshot();
    let project = encoded(&api.path).replace('-', "%2D").replace('_', "%5F");
    assert!(project.contains("%2D") && project.contains("%5F"), "{project}");
    for tag in ["v1%2E7%2E0", "v1%2e7%2e0", "%76%31.7.0"] {
        let links = format!("/api/v4/projects/{project}/releases/{tag}/assets/links");
        api.guest().get(links).send().is(200, &expected);
    }
}

#[test]
fn a_tag_may_hold_a_slash_a_plus_a_space_and_anything_else() {
    let api = Api::public();
    for tag in ["release/1.0", "1.0+build.5", "a tag", "ünï-✓", "a%2Fb", "50%", "?#&=;:@", "links.json", "-", "%2E"]
    {
        api.release(tag);
        let links = api.links_of(&encoded(tag));
        let draft = json!({ "name": tag, "url": "http://a", "filepath": "/bin/a" });
        let made = api.developer().post(&links).json(draft).send().status(201);
        api.guest().get(format!("{links}/{}", made.id())).send().is(200, &made.text);
        let expected = format!("/-/releases/{}/downloads/bin/a", encoded(tag));
        let direct = made.json()["direct_asset_url"].as_str().unwrap().to_owned();
        assert!(direct.ends_with(&expected), "{direct} does not end in {expected}");
    }
}

#[test]
fn a_plus_in_a_path_is_a_plus_and_no_space() {
    let api = Api::public();
    api.release("1.0+5");
    api.release("2.0 5");
    api.guest().get(api.links_of("1.0+5")).send().is(200, "[]");
    api.guest().get(api.links_of("2.0+5")).send().is(404, r#"{"message":"404 Not found"}"#);
    api.guest().get(api.links_of("1.0%205")).send().is(404, r#"{"message":"404 Not found"}"#);
}

#[test]
fn a_segment_is_decoded_once_and_no_more() {
    let api = Api::public();
    api.release("a/b");
    api.guest().get(api.links_of("a%2Fb")).send().is(200, "[]");
    api.guest().get(api.links_of("a%252Fb")).send().is(404, r#"{"message":"404 Not found"}"#);
}

#[test]
fn a_tag_is_compared_with_case() {
    let api = Api::public();
    api.guest().get(api.links_of("V1.7.0")).send().is(404, r#"{"message":"404 Not found"}"#);
}

#[test]
fn the_raw_slash_of_a_tag_is_no_route() {
    let api = Api::public();
    api.release("release/1.0");
    for caller in [api.anonymous(), api.developer()] {
        caller.get(api.links_of("release/1.0")).send().is(404, NO_ROUTE);
        let draft = json!({ "name": "a", "url": "http://a" });
        caller.post(api.links_of("release/1.0")).json(draft).send().is(404, NO_ROUTE);
        caller.delete(format!("{}/1", api.links_of("release/1.0"))).send().is(404, NO_ROUTE);
    }
}

#[test]
fn a_trailing_slash_a_bare_question_mark_and_a_json_suffix_are_accepted() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": "http://a" }));
    let list = format!("[{}]", made.text);
    for ending in ["", "/", "?", "/?", ".json", ".json?"] {
        api.guest().get(api.links() + ending).send().is(200, &list);
        api.guest().get(api.link(made.id()) + ending).send().is(200, &made.text);
    }
}

#[test]
fn writes_accept_the_same_endings_as_reads() {
    let api = Api::public();
    for (number, ending) in ["/", "?", ".json"].iter().enumerate() {
        let draft = json!({ "name": number, "url": format!("http://{number}") });
        let id = api.developer().post(api.links() + ending).json(draft).send().status(201).id();
        let link = api.link(id) + ending;
        api.developer().put(&link).json(json!({ "name": format!("new {number}") })).send().status(200);
        api.developer().delete(&link).send().status(200);
    }
}

#[test]
fn dots_in_a_path_are_not_resolved() {
    let api = Api::public();
    api.release("v2");
    for detour in ["../v2", "v2/../v2", "./v2"] {
        api.guest().get(api.links_of(detour)).send().is(404, NO_ROUTE);
    }
}

#[test]
fn empty_segments_in_a_path_do_not_count_but_encoded_slashes_do() {
    let api = Api::public();
    let made = api.create(&json!({ "name": "a", "url": "http://a" }));
    let (list, link) = (format!("[{}]", made.text), api.link(made.id()));
    for links in [format!("/{}", api.links()), api.links().replace('/', "//"), api.links() + "///"] {
        api.guest().get(links).send().is(200, &list);
    }
    api.developer().put(link.replace("/assets", "//assets") + "/").json(json!({ "name": "b" })).send().status(200);
    api.guest().get(format!("//{}/-//releases/v1.7.0//", api.path)).send().status(200);
    api.guest().get(link.replace("/assets", "/%2Fassets")).send().is(404, NO_ROUTE);
}

#[test]
fn an_unknown_address_is_404_no_route_for_every_verb_and_caller() {
    let api = Api::public();
    for target in
        ["/api/v4/nothing", "/api/v4/", "/api/v3/projects", &(api.link(1) + "/more"), "/api/v4/projects/1/linkz"]
    {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            api.anonymous().request(method, target).send().is(404, NO_ROUTE);
            api.developer().request(method, target).send().is(404, NO_ROUTE);
        }
    }
}
