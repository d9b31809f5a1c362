//! docs/contract.md, "Credentials": the ways to send a personal access token, and how a bad one is answered.

use std::sync::Arc;

use serde_json::json;

use crate::harness::{Api, Launch, Request, Visibility};

const UNAUTHORIZED: &str = r#"{"message":"401 Unauthorized"}"#;
const HIDDEN: &str = r#"{"message":"404 Project Not Found"}"#;
const INSUFFICIENT: &str = concat!(
    r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than "#,
    r#"provided by the access token.","scope":"api"}"#
);

/// A read of the links, by every means of showing that token.
fn by_every_means(api: &Api, token: &str) -> Vec<Request> {
    let get = |ending: String| api.anonymous().get(api.links() + &ending);
    let plain = || get(String::new());
    vec![
        plain().header("PRIVATE-TOKEN", token),
        plain().header("private-token", token),
        plain().header("Private-Token", token),
        get(format!("?private_token={token}")),
        plain().form(format!("private_token={token}")),
        plain().body(format!("private_token={token}")),
        plain().json(json!({ "private_token": token })),
        plain().multipart(&[("private_token", token)]),
        plain().header("Authorization", format!("Bearer {token}")),
        plain().header("AUTHORIZATION", format!("Bearer {token}")),
        get(format!("?access_token={token}")),
        plain().form(format!("access_token={token}")),
        plain().json(json!({ "access_token": token })),
    ]
}

#[test]
fn a_personal_token_is_accepted_by_every_means() {
    let api = Api::private();
    for request in by_every_means(&api, api.guest().token()) {
        request.send().is(200, "[]");
    }
}

#[test]
fn an_unknown_token_is_401_even_on_a_public_read() {
    let api = Api::public();
    for token in ["glpat-nobody-was-given-this-one", "x"] {
        for request in by_every_means(&api, token) {
            request.send().is(401, UNAUTHORIZED);
        }
    }
}

#[test]
fn a_token_counts_as_a_whole_and_with_case() {
    let api = Api::public();
    let guest = api.guest();
    let token = guest.token();
    for wrong in [&token[..token.len() - 1], &format!("{token}x"), &token.to_uppercase(), "glpat-"] {
        api.anonymous().get(api.links()).header("PRIVATE-TOKEN", wrong).send().is(401, UNAUTHORIZED);
    }
}

#[test]
fn an_empty_credential_is_an_absent_one() {
    let api = Api::public();
    for request in by_every_means(&api, "") {
        request.send().is(200, "[]");
    }
    let guest = api.guest();
    let request = api.anonymous().get(api.links() + "?private_token=").header("PRIVATE-TOKEN", "");
    request.header("Authorization", format!("Bearer {}", guest.token())).send().is(200, "[]");
}

#[test]
fn other_credentials_leave_the_caller_anonymous() {
    let (public, private) = (Api::public(), Api::private());
    for (name, value) in [
        ("Authorization", "Basic cm9vdDpwYXNzd29yZA=="),
        ("Authorization", "Token abc"),
        ("Authorization", "nonsense"),
        ("DEPLOY-TOKEN", "abc"),
    ] {
        public.anonymous().get(public.links()).header(name, value).send().is(200, "[]");
        private.anonymous().get(private.links()).header(name, value).send().is(404, HIDDEN);
        let write = public.anonymous().post(public.links()).header(name, value);
        write.json(json!({ "name": "a", "url": "http://a" })).send().is(403, r#"{"message":"403 Forbidden"}"#);
    }
}

/// Makes a token of `root` with these scopes.
fn token_of_root(api: &Api, scopes: &[&str]) -> String {
    let root = api.admin().get("/api/v4/user").send().status(200).id();
    let draft = json!({ "name": "sudo", "scopes": scopes });
    let made = api.admin().post(format!("/api/v4/users/{root}/personal_access_tokens")).json(draft).send().status(201);
    made.json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn an_administrator_acts_as_another_user_and_with_their_rights_alone() {
    let (api, other) = (Api::private(), Api::private());
    let token = token_of_root(&api, &["api", "sudo"]);
    let developer = api.developer().get("/api/v4/user").send().status(200).json();
    let (id, name) = (&developer["id"], developer["username"].as_str().unwrap());
    let by = |target: &str| api.anonymous().get(target).header("PRIVATE-TOKEN", &token);
    for request in [
        by("/api/v4/user").header("Sudo", name),
        by("/api/v4/user").header("sudo", name.to_uppercase()),
        by("/api/v4/user").header("Sudo", id.to_string()),
        by(&format!("/api/v4/user?sudo={name}")).header("Sudo", "nobody"),
        by("/api/v4/user").json(json!({ "sudo": id })),
        by("/api/v4/user?sudo=nobody").form(format!("sudo={name}")),
    ] {
        assert_eq!(request.send().status(200).json(), developer);
    }
    assert_eq!(by("/api/v4/user?sudo=").header("Sudo", " ").send().status(200).json()["username"], "root");
    let post = |target: String| api.anonymous().post(target).header("PRIVATE-TOKEN", &token).header("Sudo", name);
    let made = post(api.releases()).json(json!({ "tag_name": "v2" })).send().status(201).json();
    assert_eq!(made["author"]["id"], *id);
    by(&other.links()).header("Sudo", name).send().is(404, HIDDEN);
    by(&other.links()).send().is(200, "[]");
    post("/api/v4/users".to_owned()).json("{}").send().is(403, r#"{"message":"403 Forbidden"}"#);
    // The token itself is the administrator's, of whom the other user sees nothing.
    let own = || by("/api/v4/personal_access_tokens/self");
    own().header("Sudo", name).send().is(404, r#"{"message":"404 Not Found"}"#);
    own().send().status(200);
    let bot = json!({ "name": "bot", "scopes": ["api"] });
    let made = api.admin().post(format!("/api/v4/projects/{}/access_tokens", api.project)).json(bot).send();
    let bot = &made.status(201).json()["user_id"];
    by("/api/v4/user").header("Sudo", bot.to_string()).send().status(404);
}

#[test]
fn whoever_asks_for_anothers_rights_never_gets_their_own() {
    let api = Api::public();
    api.create(&json!({ "name": "a", "url": "http://a.example", "filepath": "/bin/a" })).status(201);
    let (sudo, plain) = (token_of_root(&api, &["api", "sudo"]), token_of_root(&api, &["api"]));
    let no_administrator = r#"{"message":"403 Forbidden - Must be admin to use sudo"}"#;
    let no_scope = INSUFFICIENT.replace(r#""scope":"api""#, r#""scope":"sudo""#);
    let nobody = |name: &str| format!(r#"{{"message":"404 User with ID or username '{name}' Not Found"}}"#);
    let unknown = "glpat-nobody-was-given-this-one";
    let long = "x".repeat(1_000);
    let shown = format!("{}…", "x".repeat(255));
    let hidden = "/api/v4/projects/999999999/releases/v1.7.0/assets/links".to_owned();
    let web = format!("/{}/-/releases/v1.7.0/downloads/bin/a", api.path);
    for target in [api.links(), hidden, web, "/api/v4/user".to_owned()] {
        let by = |token: &str, user: &str| {
            api.anonymous().get(&target).header("PRIVATE-TOKEN", token).header("Sudo", user).send()
        };
        api.anonymous().get(&target).header("Sudo", "root").send().is(401, UNAUTHORIZED);
        by(unknown, "root").is(401, UNAUTHORIZED);
        for user in ["root", "nobody"] {
            by(api.owner().token(), user).is(403, no_administrator);
            by(&plain, user).is(403, &no_scope);
        }
        for user in ["nobody", "0", "99999999999999999999", "-1", "a b", "'"] {
            by(&sudo, user).is(404, &nobody(user));
        }
        by(&sudo, &long).is(404, &nobody(&shown));
        let list = api.anonymous().get(format!("{target}?sudo[]=root")).header("PRIVATE-TOKEN", &sudo);
        list.send().is_error("sudo is invalid");
    }
    api.anonymous().get(api.links() + "?per_page=0").header("Sudo", "root").send().status(400);
    api.anonymous().get("/-/health").header("Sudo", "root").send().status(200);
}

#[test]
fn the_first_credential_in_the_tables_order_is_the_one_that_counts() {
    let api = Api::private();
    let guest = api.guest();
    let (good, bad) = (guest.token(), "glpat-nobody-was-given-this-one");
    let get = |private: &str, bearer: &str| {
        let request = api.anonymous().get(format!("{}?private_token={private}", api.links()));
        request.header("Authorization", format!("Bearer {bearer}"))
    };
    get(good, bad).send().is(200, "[]");
    get(bad, good).send().is(401, UNAUTHORIZED);
    get(good, good).header("PRIVATE-TOKEN", bad).send().is(200, "[]");
    get(bad, good).header("PRIVATE-TOKEN", good).send().is(401, UNAUTHORIZED);
    let access = |parameter: &str, header: &str| {
        let request = api.anonymous().get(format!("{}?access_token={parameter}", api.links()));
        request.header("Authorization", format!("Bearer {header}"))
    };
    access(good, bad).send().is(200, "[]");
    access(bad, good).send().is(401, UNAUTHORIZED);
}

#[test]
fn a_bad_token_comes_before_a_project_that_is_absent_or_hidden() {
    let api = Api::private();
    for target in [api.links(), "/api/v4/projects/999999999/releases/v1/assets/links".to_owned()] {
        api.anonymous().get(target).header("PRIVATE-TOKEN", "unknown").send().is(401, UNAUTHORIZED);
    }
}

#[test]
fn a_token_with_read_api_reads_and_does_not_write() {
    let api = Api::public();
    let id = api.add("a", "http://a");
    let reader = api.newcomer(40, "read_api");
    reader.get(api.link(id)).send().status(200);
    reader.request("HEAD", api.links()).send().status(200);
    let draft = json!({ "name": "b", "url": "http://b" });
    reader.post(api.links()).json(&draft).send().is(403, INSUFFICIENT);
    reader.put(api.link(id)).json(&draft).send().is(403, INSUFFICIENT);
    reader.delete(api.link(id)).send().is(403, INSUFFICIENT);
    reader.post(api.links()).json("{}").send().is_error("name is missing, url is missing");
}

#[test]
fn a_token_of_another_scope_neither_reads_nor_tells_hidden_from_absent() {
    let (public, private) = (Api::public(), Api::private());
    let caller = public.newcomer(0, "read_user");
    caller.get(public.links()).send().is(403, INSUFFICIENT);
    caller.get(private.links()).send().is(404, HIDDEN);
}

#[test]
fn a_token_starts_with_glpat_and_is_like_no_other() {
    let api = Api::public();
    let (one, another) = (api.stranger(), api.guest());
    assert!(one.token().starts_with("glpat-") && one.token().len() >= 26, "{}", one.token());
    assert_ne!(one.token(), another.token());
}

#[test]
fn tokens_are_kept_as_digests_and_reach_no_log() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "debug");
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let developer = api.developer();
    let token = developer.token();
    let target = format!("{}?private_token={token}", api.links());
    api.anonymous().get(&target).send().status(200);
    api.anonymous().post(&target).send().status(400);
    api.anonymous().get(format!("{target}&x=%zz")).send().status(400);
    api.anonymous().get(target.replace("/releases", "/nothing")).send().status(404);
    api.anonymous().request("PATCH", &target).send().status(405);
    api.anonymous().get(format!("{}?access_token={token}x", api.links())).send().status(401);
    api.anonymous().get(format!("{}?job_token={token}", api.links())).send();
    server.stop();
    let said = server.stdout() + &server.stderr();
    assert!(!said.contains(&token["glpat-".len()..]), "{said}");
    for (place, bytes) in launch.stored() {
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{place}");
    }
}
