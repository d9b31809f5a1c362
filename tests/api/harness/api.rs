//! A project with a release, and callers with and without rights to it, provisioned through the API itself.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};

use super::{Launch, ROOT_TOKEN, Request, Response, Server, database};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Visibility {
    Public,
    Internal,
    Private,
}

/// The sender of requests: anonymous, or the owner of a token.
#[derive(Clone)]
pub struct Caller {
    server: Arc<Server>,
    token: Option<String>,
}

impl Caller {
    pub fn request(&self, method: &str, target: impl Display) -> Request {
        let request = Request::new(self.server.address(), method, target);
        match &self.token {
            Some(token) => request.header("PRIVATE-TOKEN", token),
            None => request,
        }
    }

    pub fn get(&self, target: impl Display) -> Request {
        self.request("GET", target)
    }

    pub fn post(&self, target: impl Display) -> Request {
        self.request("POST", target)
    }

    pub fn put(&self, target: impl Display) -> Request {
        self.request("PUT", target)
    }

    pub fn delete(&self, target: impl Display) -> Request {
        self.request("DELETE", target)
    }

    /// Returns the same caller for another server.
    pub fn at(&self, server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), token: self.token.clone() }
    }

    /// Returns the caller's token, for requests that send it other than in `PRIVATE-TOKEN`.
    #[track_caller]
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("an anonymous caller has no token")
    }
}

/// A project `…/hello` in a fresh group, with the release `v1.7.0`.
pub struct Api {
    server: Arc<Server>,
    pub project: u64,
    /// The full path, unencoded.
    pub path: String,
    members: Mutex<HashMap<u8, Caller>>,
}

impl Api {
    /// Creates a public project on the server that all tests of this process share; on PostgreSQL, on two servers that
    /// share a database.
    #[track_caller]
    pub fn public() -> Self {
        Self::with(Visibility::Public)
    }

    #[track_caller]
    pub fn internal() -> Self {
        Self::with(Visibility::Internal)
    }

    #[track_caller]
    pub fn private() -> Self {
        Self::with(Visibility::Private)
    }

    #[track_caller]
    fn with(visibility: Visibility) -> Self {
        Self::on(shared(), visibility)
    }

    #[track_caller]
    pub fn on(server: &Arc<Server>, visibility: Visibility) -> Self {
        let root = root(server);
        let namespace = unique("My-Name_Space");
        let visibility = format!("{visibility:?}").to_lowercase();
        let group = json!({ "name": namespace, "path": namespace, "visibility": visibility });
        let group = root.post("/api/v4/groups").json(group).send().status(201).id();
        let project = json!({ "name": "hello", "path": "hello", "namespace_id": group, "visibility": visibility });
        let project = root.post("/api/v4/projects").json(project).send().status(201).id();
        let api =
            Self { server: Arc::clone(server), project, path: format!("{namespace}/hello"), members: Mutex::default() };
        api.release("v1.7.0");
        api
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Creates a release in the project.
    #[track_caller]
    pub fn release(&self, tag: &str) {
        let release = json!({ "tag_name": tag });
        self.admin().post(self.releases()).json(release).send().status(201);
    }

    pub fn anonymous(&self) -> Caller {
        Caller { server: Arc::clone(&self.server), token: None }
    }

    pub fn admin(&self) -> Caller {
        root(&self.server)
    }

    /// Authenticated, but not a member.
    #[track_caller]
    pub fn stranger(&self) -> Caller {
        self.member(0)
    }

    #[track_caller]
    pub fn guest(&self) -> Caller {
        self.member(10)
    }

    #[track_caller]
    pub fn reporter(&self) -> Caller {
        self.member(20)
    }

    #[track_caller]
    pub fn developer(&self) -> Caller {
        self.member(30)
    }

    #[track_caller]
    pub fn maintainer(&self) -> Caller {
        self.member(40)
    }

    #[track_caller]
    pub fn owner(&self) -> Caller {
        self.member(50)
    }

    #[track_caller]
    fn member(&self, level: u8) -> Caller {
        let mut members = self.members.lock().unwrap();
        if let Some(member) = members.get(&level) {
            return member.clone();
        }
        let member = self.newcomer(level, "api");
        members.insert(level, member.clone());
        member
    }

    /// Creates a user with that level, or without membership if it is 0, and with a token of that scope.
    #[track_caller]
    pub fn newcomer(&self, level: u8, scope: &str) -> Caller {
        let root = self.admin();
        let name = unique("somebody");
        let user = json!({ "username": name, "name": name, "email": format!("{name}@example.com") });
        let user = root.post("/api/v4/users").json(user).send().status(201).id();
        if level > 0 {
            let member = json!({ "user_id": user, "access_level": level });
            let members = format!("/api/v4/projects/{}/members", self.project);
            root.post(members).json(member).send().status(201);
        }
        let draft = json!({ "name": "tests", "scopes": [scope] });
        let tokens = format!("/api/v4/users/{user}/personal_access_tokens");
        let made = root.post(tokens).json(draft).send().status(201).json();
        let token = made["token"].as_str().expect("the answer to the creation contains the token").to_owned();
        Caller { server: Arc::clone(&self.server), token: Some(token) }
    }

    pub fn releases(&self) -> String {
        format!("/api/v4/projects/{}/releases", self.project)
    }

    /// Returns the path of the links of `v1.7.0`.
    pub fn links(&self) -> String {
        self.links_of("v1.7.0")
    }

    /// Returns the path of the links of a release, whose tag is already encoded.
    pub fn links_of(&self, tag: &str) -> String {
        format!("{}/{tag}/assets/links", self.releases())
    }

    /// Returns the path of the history of a release, whose tag is already encoded.
    pub fn history(&self, tag: &str) -> String {
        format!("{}/{tag}/history", self.releases())
    }

    pub fn link(&self, id: u64) -> String {
        format!("{}/{id}", self.links())
    }

    /// Creates a link as an administrator, and returns its id.
    #[track_caller]
    pub fn add(&self, name: &str, url: &str) -> u64 {
        self.create(&json!({ "name": name, "url": url })).status(201).id()
    }

    /// Requests, as an administrator, that a link be created in `v1.7.0`.
    #[track_caller]
    pub fn create(&self, draft: &Value) -> Response {
        self.admin().post(self.links()).json(draft).send()
    }

    /// Returns the list of links; two results are equal if nothing has changed in between.
    #[track_caller]
    pub fn snapshot(&self) -> String {
        self.admin().get(self.links() + "?per_page=100").send().status(200).text
    }
}

/// Asserts that create and update refuse the draft with those messages, and that neither changes anything.
#[track_caller]
pub fn is_refused(api: &Api, id: u64, draft: &Value, sentences: &[&str]) {
    let before = api.snapshot();
    api.create(draft).is_invalid(sentences);
    api.developer().put(api.link(id)).json(draft).send().is_invalid(sentences);
    assert_eq!(api.snapshot(), before);
}

/// Percent-encodes everything but unreserved characters, as clients encode one path segment.
pub fn encoded(segment: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::new();
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

fn root(server: &Arc<Server>) -> Caller {
    Caller { server: Arc::clone(server), token: Some(ROOT_TOKEN.to_owned()) }
}

fn unique(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn shared() -> &'static Arc<Server> {
    static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
    SHARED.get_or_init(|| {
        let launch = Launch::new().arg("--external-url").arg("https://gitlab.example.com");
        let server = launch.clone().start_for_all();
        Arc::new(if database::on_postgres() { server.in_turn_with(launch.start_for_all()) } else { server })
    })
}
