//! docs/contract.md, "Credentials": a token is shown where it is created, and nowhere else.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::harness::{Api, Launch, Request, Server, Visibility};

/// Every token that was seen, and every answer but those that make one.
#[derive(Default)]
struct Seen {
    tokens: Vec<String>,
    answers: Vec<String>,
}

impl Seen {
    /// Sends a request that is to make a token.
    #[track_caller]
    fn made(&mut self, request: Request, status: u16) -> (Value, String) {
        let answer = request.send().status(status);
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        self.answers.push(format!("{:?}", answer.headers));
        self.tokens.push(token.clone());
        (answer.json(), token)
    }

    /// Sends a request, whatever becomes of it.
    fn sent(&mut self, request: Request) -> u16 {
        let answer = request.send();
        self.answers.push(format!("{answer:?}"));
        answer.status
    }

    /// Asserts that no token stands in `text`, whole or without its prefix.
    #[track_caller]
    fn none_in(&self, place: &str, text: &[u8]) {
        for token in &self.tokens {
            let random = &token.as_bytes()["glpat-".len()..];
            assert!(!text.windows(random.len()).any(|window| window == random), "a token stands in {place}");
        }
    }
}

/// The same request by every means of showing a token.
fn by_every_means(server: &Server, method: &str, target: &str, token: &str) -> Vec<Request> {
    let plain = || Request::new(server.address(), method, target);
    let mut requests = vec![
        plain().header("PRIVATE-TOKEN", token),
        plain().header("JOB-TOKEN", token),
        plain().header("Authorization", format!("Bearer {token}")),
    ];
    let mark = if target.contains('?') { '&' } else { '?' };
    for name in ["private_token", "access_token", "job_token"] {
        let query = format!("{name}={token}");
        requests.push(Request::new(server.address(), method, format!("{target}{mark}{query}")));
        requests.push(Request::new(server.address(), method, format!("{target}{mark}{query}&broken=%zz")));
        requests.push(plain().form(query.clone()));
        requests.push(plain().body(query));
        requests.push(plain().json(json!({ name: token })));
        requests.push(plain().json(format!(r#"{{"{name}":"{token}", no json"#)));
        requests.push(plain().multipart(&[(name, token)]));
        requests.push(plain().header("Content-Type", "text/plain").body(format!("{name}={token}")));
    }
    requests
}

/// Reads, writes, redirects, and what cannot succeed.
fn targets(api: &Api) -> Vec<(&'static str, String)> {
    let releases = api.releases();
    let path = &api.path;
    vec![
        ("GET", api.links() + "?per_page=1"),
        ("HEAD", api.links()),
        ("POST", api.links()),
        ("GET", format!("{releases}/v1.7.0/downloads/bin/x")),
        ("GET", format!("/{path}/-/releases/v1.7.0/downloads/bin/x")),
        ("GET", format!("{releases}/permalink/latest/assets/links?a=b")),
        ("GET", format!("/{path}/-/releases/permalink/latest/downloads/bin/x")),
        ("GET", "/api/v4/user".to_owned()),
        ("GET", "/api/v4/personal_access_tokens?per_page=1".to_owned()),
        ("GET", "/api/v4/projects/999999999".to_owned()),
        ("GET", "/api/v4/nothing".to_owned()),
        ("PATCH", api.links()),
        ("POST", "/api/v4/users".to_owned()),
    ]
}

fn provision(api: &Api, seen: &mut Seen) {
    let admin = api.admin();
    let caller = api.maintainer();
    seen.tokens.push(caller.token().to_owned());
    let user = caller.get("/api/v4/user").send().status(200).id();
    let draft = json!({ "name": "n", "scopes": ["api"] });
    let tokens = format!("/api/v4/users/{user}/personal_access_tokens");
    let (personal, token) = seen.made(admin.post(&tokens).json(&draft), 201);
    let own = "/api/v4/personal_access_tokens";
    let rotate = api.anonymous().post(format!("{own}/self/rotate?private_token={token}"));
    seen.made(rotate, 200);
    seen.sent(admin.post(format!("{own}/{}/rotate", personal["id"])));
    let (expired, _) = seen.made(
        admin.post(&tokens).json(json!({
            "name": "n", "scopes": ["api"], "expires_at": "2020-01-01"
        })),
        201,
    );
    seen.sent(admin.get(format!("{own}/{}", expired["id"])));

    let of_project = format!("/api/v4/projects/{}/access_tokens", api.project);
    let (made, _) = seen.made(caller.post(&of_project).json(&draft), 201);
    let (made, _) = seen.made(caller.post(format!("{of_project}/{}/rotate", made["id"])), 200);
    seen.sent(caller.get(format!("{of_project}/{}", made["id"])));
    seen.sent(caller.delete(format!("{of_project}/{}", made["id"])));
    seen.made(caller.post(&of_project).json(&draft), 201);

    let jobs = format!("/api/v4/projects/{}/job_tokens", api.project);
    let (ended, _) = seen.made(caller.post(&jobs), 201);
    seen.sent(caller.delete(format!("{jobs}/{}", ended["id"])));
    seen.made(caller.post(&jobs), 201);
}

#[test]
fn no_token_is_in_any_log_or_answer_or_stored() {
    let launch = Launch::new().env("RELEASE_LINKS_LOG", "debug");
    let server = Arc::new(launch.start());
    let api = Api::on(&server, Visibility::Private);
    let link = json!({ "name": "a", "url": "http://a.example", "direct_asset_path": "/bin/x" });
    api.create(&link).status(201);
    api.add("b", "http://b.example");
    let mut seen = Seen { tokens: vec![crate::harness::ROOT_TOKEN.to_owned()], answers: Vec::new() };
    provision(&api, &mut seen);

    let mut statuses = std::collections::BTreeSet::new();
    for token in seen.tokens.clone() {
        for (method, target) in targets(&api) {
            for request in by_every_means(&server, method, &target, &token) {
                statuses.insert(seen.sent(request));
            }
        }
    }
    for status in [200, 302, 400, 401, 404, 405, 415] {
        assert!(statuses.contains(&status), "nothing was answered with {status}: {statuses:?}");
    }
    let printed = launch.clone().bare().arg("token").arg("create").arg("--user").arg("root").arg("--scopes").arg("api");
    let printed = printed.arg("--database").arg(launch.database_url()).run();
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    seen.tokens.push(printed.stdout.trim().to_owned());

    let url = b"http://b.example";
    assert!(launch.stored().iter().any(|(_, bytes)| bytes.windows(url.len()).any(|window| window == url)));
    for (place, bytes) in launch.stored() {
        seen.none_in(&place, &bytes);
    }
    server.stop();
    for (place, bytes) in launch.stored() {
        seen.none_in(&place, &bytes);
    }
    assert!(server.stderr().contains(&api.links()), "nothing was logged of the requests");
    seen.none_in("stdout", server.stdout().as_bytes());
    seen.none_in("stderr", server.stderr().as_bytes());
    for answer in &seen.answers {
        seen.none_in(answer, answer.as_bytes());
    }
}

#[test]
fn no_url_is_in_the_log_at_any_level() {
    for (level, format) in [("debug", "text"), ("tokio_postgres=debug,rusqlite=debug,info", "json")] {
        let launch = Launch::new().env("RELEASE_LINKS_LOG", level).env("RELEASE_LINKS_LOG_FORMAT", format);
        let server = Arc::new(launch.start());
        let api = Api::on(&server, Visibility::Private);
        let url = "https://user:open-sesame@files.example.com/a";
        let link = json!({ "name": "a", "url": url, "direct_asset_path": "/bin/x" });
        let id = api.create(&link).status(201).id();
        api.create(&link).status(400);
        api.admin().put(api.link(id)).json(json!({ "url": format!("{url}b") })).send().status(200);
        let links = json!({ "tag_name": "v2", "assets": { "links": [link] } });
        api.admin().post(api.releases()).json(links).send().status(201);
        api.admin().get(format!("{}/v2/downloads/bin/x", api.releases())).send().status(302);
        api.admin().delete(api.link(id)).send().status(200);
        server.stop();
        assert!(server.stderr().contains(&api.links()), "nothing was logged of the requests");
        assert!(!server.stderr().contains("sesame"), "{level}: {}", server.stderr());
    }
}
