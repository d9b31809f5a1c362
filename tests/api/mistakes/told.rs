//! Secrets that leak: into logs, redirects, headers and answers.

use std::sync::Arc;

use data_encoding::BASE64;
use serde_json::json;

use super::{job, project, project_token, token_in};
use crate::harness::{Api, Launch, Visibility};

#[test]
fn a_token_in_the_query_of_a_request_that_is_logged_is_not() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "debug").env("RELEASE_LINKS_LOG_FORMAT", "json");
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let developer = api.developer();
    let (_, running) = job(&api, super::id_of(&developer));
    let (_, bot) = project_token(&api, 40);
    let made = developer.post("/api/v4/personal_access_tokens/self/rotate").send().status(200);
    let rotated = token_in(&made);
    let old = developer.token().to_owned();
    for (parameter, token) in [
        ("private_token", &rotated),
        ("access_token", &rotated),
        ("private_token", &bot),
        ("job_token", &running),
        ("access_token", &running),
        ("private_token", &old),
        ("PRIVATE_TOKEN", &rotated),
        ("token", &rotated),
    ] {
        for target in [
            api.links(),
            api.releases(),
            project(&api),
            api.links() + "/nothing/such",
            format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path),
            format!("/{}/-/releases/permalink/latest", api.path),
            "/api/v4/nothing".to_owned(),
        ] {
            api.anonymous().get(format!("{target}?{parameter}={token}")).send();
            api.anonymous().request("PATCH", format!("{target}?{parameter}={token}")).send();
            api.anonymous().get(format!("{target}?{parameter}={token}&x=%zz")).send();
        }
        api.anonymous().post(api.links()).form(format!("{parameter}={token}")).send();
        let basic = format!("Basic {}", BASE64.encode(format!("whoever:{token}").as_bytes()));
        for target in [api.links(), format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path)] {
            api.anonymous().get(&target).header("Authorization", format!("Basic {token}")).send();
            api.anonymous().get(target).header("Authorization", &basic).send();
        }
        api.anonymous().get(api.links()).header("DEPLOY-TOKEN", token).send();
    }
    server.stop();
    let said = server.stdout() + &server.stderr();
    assert!(said.contains("/releases"), "a log that tells of no request proves nothing: {said}");
    let (root, stored) = (crate::harness::ROOT_TOKEN, launch.stored());
    for secret in [&old, &rotated, &running, &bot, root] {
        let body = secret.split_once('-').expect("a token has a prefix").1;
        let basic = BASE64.encode(format!("whoever:{secret}").as_bytes());
        assert!(!said.contains(&basic), "{basic}");
        let line = said.lines().find(|line| line.contains(body));
        assert_eq!(line, None);
        for (place, bytes) in &stored {
            assert!(!bytes.windows(body.len()).any(|window| window == body.as_bytes()), "{place}");
        }
    }
}

#[test]
fn no_redirect_and_no_header_repeats_a_credential() {
    let api = Api::private();
    let asset = json!({ "name": "a", "url": "https://example.com/a", "filepath": "/bin/a" });
    api.create(&asset).status(201);
    api.add("b", "https://example.com/b");
    let old = api.path.clone();
    let (_, running) = job(&api, super::id_of(&api.developer()));
    let guest = api.guest().token().to_owned();
    api.admin().put(project(&api)).json(json!({ "path": "moved" })).send().status(200);
    let group = old.split('/').next().unwrap();
    let encoded = old.replace('/', "%2F");
    for (parameter, token) in
        [("private_token", &guest), ("access_token", &guest), ("job_token", &running), ("access_token", &running)]
    {
        for target in [
            format!("/{old}/-/releases/v1.7.0"),
            format!("/{old}/-/releases/v1.7.0/downloads/bin/a"),
            format!("/{old}/-/releases/permalink/latest/downloads/bin/a"),
            format!("/api/v4/projects/{encoded}"),
            format!("/api/v4/projects/{encoded}/releases/v1.7.0/assets/links"),
            format!("/{group}/moved/-/releases/permalink/latest"),
            format!("{}/permalink/latest", api.releases()),
            format!("{}/permalink/latest/assets/links", api.releases()),
        ] {
            let answer = api.anonymous().get(format!("{target}?a=b&{parameter}={token}&c=d")).send();
            assert!((301..=302).contains(&answer.status), "{target}: {answer:?}");
            let said = format!("{answer:?}");
            assert!(!said.contains(token.as_str()) && !said.contains(parameter), "{said}");
        }
        let listed = api.anonymous().get(format!("{}?per_page=1&{parameter}={token}", api.links())).send().status(200);
        assert!(listed.header("link").is_some_and(|link| !link.contains(parameter)), "{listed:?}");
    }
}

#[test]
fn a_token_is_shown_once_and_by_no_list() {
    let api = Api::private();
    let owner = api.owner();
    let (id, token) = project_token(&api, 30);
    let shown = |target: String| owner.get(target).send().status(200).text;
    for text in [
        shown(project(&api) + "/access_tokens"),
        shown(format!("{}/access_tokens/{id}", project(&api))),
        shown("/api/v4/personal_access_tokens".to_owned()),
        shown("/api/v4/personal_access_tokens/self".to_owned()),
        shown("/api/v4/user".to_owned()),
    ] {
        assert!(!text.contains(&token) && !text.contains(owner.token()) && !text.contains("\"token\""), "{text}");
    }
}
