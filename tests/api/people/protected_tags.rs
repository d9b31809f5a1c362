//! The rules that protect tags.

use serde_json::json;

use super::{FORBIDDEN, INSUFFICIENT, NO_PROJECT, NOT_FOUND, UNAUTHORIZED, each};
use crate::harness::{Api, encoded};

fn rules(api: &Api) -> String {
    format!("/api/v4/projects/{}/protected_tags", api.project)
}

#[test]
fn a_rule_is_made_shown_and_removed_by_its_encoded_name() {
    let api = Api::private();
    let maintainer = api.maintainer();
    let made = maintainer.post(rules(&api)).json(json!({ "name": "rel/*-é" })).send().status(201).json();
    let id = made["create_access_levels"][0]["id"].as_u64().unwrap();
    let shown = json!({
        "name": "rel/*-é",
        "create_access_levels":
            [{ "id": id, "access_level": 40, "access_level_description": "Maintainers" }],
    });
    assert_eq!(made, shown);
    let rule = format!("{}/{}", rules(&api), encoded("rel/*-é"));
    assert_eq!(maintainer.get(&rule).send().status(200).json(), shown);
    assert_eq!(maintainer.delete(&rule).send().status(204).text, "");
    for request in [maintainer.get(&rule), maintainer.delete(&rule)] {
        request.send().is(404, NOT_FOUND);
    }
    maintainer.get(format!("{}/rel/x", rules(&api))).send().is(404, r#"{"error":"404 Not Found"}"#);
}

#[test]
fn each_level_is_described_and_listed_in_pages() {
    let api = Api::public();
    for (name, level, description) in
        [("a", 0, "No one"), ("b", 30, "Developers + Maintainers"), ("c", 40, "Maintainers")]
    {
        let form = format!("name={name}&create_access_level={level}");
        let made = api.maintainer().post(rules(&api)).form(form).send().status(201).json();
        let level_shown = &made["create_access_levels"][0];
        assert_eq!(level_shown["access_level"], level);
        assert_eq!(level_shown["access_level_description"], description);
    }
    let page = api.maintainer().get(rules(&api) + "?per_page=2").send().status(200);
    assert_eq!(each(&page.json(), "name"), [json!("a"), json!("b")]);
    assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("3"), Some("2")));
}

#[test]
fn a_rule_counts_at_the_very_next_request() {
    let api = Api::public();
    let developer = api.developer();
    let publish = |tag: &str| developer.post(api.releases()).json(json!({ "tag_name": tag })).send().status;
    assert_eq!(publish("v2.0"), 201);
    api.maintainer().post(rules(&api)).json(json!({ "name": "v*" })).send().status(201);
    assert_eq!((publish("v2.1"), publish("w1")), (403, 201));
    let looser = json!({ "name": "v2.*", "create_access_level": 30 });
    api.maintainer().post(rules(&api)).json(looser).send().status(201);
    assert_eq!((publish("v2.1"), publish("v3.0")), (201, 403));
    api.maintainer().delete(rules(&api) + "/v*").send().status(204);
    assert_eq!(publish("v3.0"), 201);
}

#[test]
fn rules_are_for_maintainers_alone() {
    let (public, private) = (Api::public(), Api::private());
    let rule = rules(&public) + "/v*";
    public.maintainer().post(rules(&public)).json(json!({ "name": "v*" })).send().status(201);
    for target in [rules(&public), rule.clone(), rules(&public) + "/none"] {
        public.anonymous().get(&target).send().is(401, UNAUTHORIZED);
        for caller in [public.stranger(), public.guest(), public.developer()] {
            caller.get(&target).send().is(403, FORBIDDEN);
        }
    }
    for caller in [public.stranger(), public.developer()] {
        caller.post(rules(&public)).json("{}").send().is(403, FORBIDDEN);
        caller.delete(&rule).send().is(403, FORBIDDEN);
    }
    public.owner().get(&rule).send().status(200);
    public.newcomer(40, "read_api").get(&rule).send().status(200);
    public.newcomer(40, "read_api").delete(&rule).send().is(403, INSUFFICIENT);
    for target in [rules(&private), rules(&private) + "/v*"] {
        public.anonymous().get(&target).send().is(404, NO_PROJECT);
        public.stranger().get(&target).send().is(404, NO_PROJECT);
    }
    public.anonymous().post(rules(&private)).send().is(401, UNAUTHORIZED);
    public.anonymous().delete(&rule).send().is(401, UNAUTHORIZED);
}

#[test]
fn a_rule_that_does_not_hold_is_refused() {
    let api = Api::public();
    let post = |draft| api.maintainer().post(rules(&api)).json(draft).send();
    post(json!({})).is_error("name is missing");
    post(json!({ "name": " " })).is_error("name is empty");
    post(json!({ "name": "x".repeat(256) })).is_error("name is invalid");
    let levels = "create_access_level does not have a valid value, allowed are 0, 30, 40";
    for level in [json!(20), json!(50), json!(-1)] {
        post(json!({ "name": "v*", "create_access_level": level })).is_error(levels);
    }
    post(json!({ "name": "v*", "create_access_level": "x" })).is_error("create_access_level is invalid");
    let unsupported = "allowed_to_create is not supported: create_access_level says who may";
    for allowed in [json!([{ "user_id": 1 }]), json!("1"), json!({ "user_id": 1 })] {
        post(json!({ "name": "v*", "allowed_to_create": allowed })).is_error(unsupported);
    }
    api.maintainer().get(rules(&api)).send().is(200, "[]");
    post(json!({ "name": "v*", "create_access_level": null, "allowed_to_create": [] })).status(201);
    post(json!({ "name": "v*", "create_access_level": 0 }))
        .is(409, r#"{"message":"Protected tag 'v*' already exists"}"#);
    post(json!({ "name": "V*" })).status(201);
}
