//! Reaching one object through another: checks made on the address and not on the object itself.

use serde_json::json;

use super::{FORBIDDEN, HIDDEN, NOT_FOUND, fresh_link, id_of, job, project, project_token, write};
use crate::harness::Api;
use crate::matrix::visible;

#[test]
fn a_link_is_not_reached_through_another_projects_path() {
    let (mine, theirs) = (Api::private(), Api::private());
    let link = theirs.add("theirs", "https://example.com/theirs");
    let before = theirs.snapshot();
    let developer = mine.developer();
    for target in [mine.link(link), mine.link(999_999_999)] {
        developer.get(&target).send().is(404, NOT_FOUND);
        developer.put(&target).json(json!({ "name": "mine" })).send().is(404, NOT_FOUND);
        developer.delete(&target).send().is(404, NOT_FOUND);
        mine.admin().delete(&target).send().is(404, NOT_FOUND);
    }
    assert_eq!(theirs.snapshot(), before);
}

#[test]
fn a_link_is_not_reached_through_another_release_of_its_project() {
    let api = Api::public();
    api.release("v2");
    let link = api.add("a", "https://example.com/a");
    let other = format!("{}/{link}", api.links_of("v2"));
    api.developer().get(&other).send().is(404, NOT_FOUND);
    api.developer().put(&other).json(json!({ "name": "b" })).send().is(404, NOT_FOUND);
    api.developer().delete(&other).send().is(404, NOT_FOUND);
    api.guest().get(api.link(link)).send().status(200);
}

#[test]
fn a_protected_tags_link_is_not_written_through_an_unprotected_release() {
    let api = Api::public();
    api.release("free");
    let link = api.add("a", "https://example.com/a");
    let rule = json!({ "name": "v*", "create_access_level": 0 });
    api.admin().post(project(&api) + "/protected_tags").json(rule).send().status(201);
    let around = format!("{}/{link}", api.links_of("free"));
    api.maintainer().delete(&around).send().is(404, NOT_FOUND);
    api.maintainer().delete(api.link(link)).send().is(403, FORBIDDEN);
}

#[test]
fn a_job_token_opens_nothing_in_another_project_be_it_public() {
    let (own, other) = (Api::public(), Api::public());
    let developer = own.developer();
    let user = id_of(&developer);
    let member = json!({ "user_id": user, "access_level": 50 });
    other.admin().post(project(&other) + "/members").json(member).send().status(201);
    other.create(&json!({ "name": "a", "url": "http://a", "filepath": "/bin/a" })).status(201);
    let (_, token) = job(&own, user);
    let web = format!("/{}/-/releases", other.path);
    for target in [
        other.links(),
        other.releases(),
        project(&other),
        project(&other) + "/repository/tags",
        project(&other) + "/members",
        format!("{}/v1.7.0/downloads/bin/a", other.releases()),
        format!("{}/permalink/latest", other.releases()),
        format!("{web}/v1.7.0"),
        format!("{web}/v1.7.0/downloads/bin/a"),
        format!("{web}/permalink/latest/downloads/bin/a"),
    ] {
        other.anonymous().get(&target).header("JOB-TOKEN", &token).send().is(404, HIDDEN);
        let bearer = format!("Bearer {token}");
        other.anonymous().get(&target).header("Authorization", bearer).send().is(404, HIDDEN);
    }
    other.anonymous().post(other.links()).header("JOB-TOKEN", &token).json(fresh_link()).send().is(404, HIDDEN);
    own.anonymous().post(own.links()).header("JOB-TOKEN", &token).json(fresh_link()).send().status(201);
}

#[test]
fn a_job_tokens_list_of_projects_holds_its_own_only() {
    let (own, other) = (Api::public(), Api::public());
    let (_, token) = job(&own, id_of(&own.developer()));
    for query in ["?per_page=100", "?membership=true", "?owned=true", "?visibility=public", "?search=hello"] {
        let listed = own.anonymous().get(format!("/api/v4/projects{query}")).header("JOB-TOKEN", &token).send();
        for listed in listed.status(200).json().as_array().unwrap() {
            assert_eq!(listed["id"], own.project, "{query} shows more, such as {}", other.project);
        }
    }
}

#[test]
fn a_project_tokens_bot_is_a_stranger_in_every_other_project() {
    let (own, public, private) = (Api::private(), Api::public(), Api::private());
    let (_, token) = project_token(&own, 50);
    let get = |target: String| own.anonymous().get(target).header("PRIVATE-TOKEN", &token).send();
    get(own.links()).status(200);
    get(public.links()).status(200);
    get(private.links()).is(404, HIDDEN);
    public
        .anonymous()
        .post(public.links())
        .header("PRIVATE-TOKEN", &token)
        .json(fresh_link())
        .send()
        .is(403, FORBIDDEN);
}

#[test]
fn what_belongs_to_a_project_is_not_touched_through_another() {
    let (mine, theirs) = (Api::private(), Api::private());
    let owner = mine.owner();
    let (token, secret) = project_token(&theirs, 40);
    let developer = theirs.developer();
    let user = id_of(&developer);
    let (job, _) = job(&theirs, user);
    theirs.admin().post(project(&theirs) + "/protected_tags").json(json!({ "name": "v*" })).send().status(201);
    for (kind, id) in [
        ("access_tokens", token.to_string()),
        ("job_tokens", job.to_string()),
        ("members", user.to_string()),
        ("protected_tags", "v%2A".to_owned()),
    ] {
        let through = |id: &str| owner.delete(format!("{}/{kind}/{id}", project(&mine))).send().status(404);
        let absent = if kind == "protected_tags" { "w%2A" } else { "999999999" };
        assert_eq!(visible(&through(&id)), visible(&through(absent)), "{kind}");
    }
    owner.post(format!("{}/access_tokens/{token}/rotate", project(&mine))).send().status(404);
    theirs.anonymous().get(theirs.links()).header("PRIVATE-TOKEN", secret).send().status(200);
    write(&theirs, &developer).is(403, FORBIDDEN);
}

#[test]
fn a_path_that_climbs_out_of_its_project_leads_nowhere() {
    let (public, private) = (Api::public(), Api::private());
    let group = private.path.split('/').next().unwrap();
    for climbing in [
        format!("{}%2F..%2F..%2F{group}%2Fhello", public.path.replace('/', "%2F")),
        format!("{group}%252Fhello"),
        format!("{group}%2F%2Fhello"),
        format!("%2F{group}%2Fhello"),
        format!("{group}%2Fhello%2F"),
        format!("{group}%2Fhello.git"),
        format!("{}%20", private.project),
        format!("0{}", private.project),
        format!("+{}", private.project),
    ] {
        let target = format!("/api/v4/projects/{climbing}/releases/v1.7.0/assets/links");
        public.developer().get(&target).send().is(404, HIDDEN);
        public.anonymous().get(&target).send().is(404, HIDDEN);
    }
}

#[test]
fn a_group_with_digits_for_a_path_does_not_stand_before_the_group_of_that_id() {
    let api = Api::private();
    let group = api.admin().get(project(&api)).send().status(200).json()["namespace"]["id"].as_u64().unwrap();
    let impostor = api.stranger();
    let draft = json!({ "name": "impostor", "path": group.to_string(), "visibility": "public" });
    impostor.post("/api/v4/groups").json(draft).send();
    impostor.get(format!("/api/v4/groups/{group}")).send().status(404);
    assert_eq!(api.admin().get(format!("/api/v4/groups/{group}")).send().status(200).id(), group);
}
