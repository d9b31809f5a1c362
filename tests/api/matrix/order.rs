//! Which refusal comes first when several apply (docs/contract.md, "Permissions" and "Provisioning", its order of refusals).

use std::time::Instant;

use serde_json::{Value, json};

use super::callers::{MEMBERS, PAST, Scope, Team, of_job, of_project, personal};
use super::expected::{EXPIRED, FORBIDDEN, HIDDEN, INSUFFICIENT_SCOPE, Role, UNAUTHORIZED};
use super::wire::{Connection, Credential, Means, Shot};
use super::{Report, server, unlike};

const NOT_FOUND: &str = r#"{"message":"404 Not found"}"#;
const NO_ROUTE: &str = r#"{"error":"404 Not Found"}"#;
const WRONG_VERB: &str = r#"{"error":"405 Not Allowed"}"#;
const NEITHER: &str = r#"{"error":"name is missing, url is missing"}"#;
const NO_TAG: &str = r#"{"error":"tag_name is missing"}"#;
const BAD_ORDER: &str = r#"{"error":"order_by does not have a valid value"}"#;
const EXISTS: &str = r#"{"message":"Release already exists"}"#;
const BLANK: &str = r#"{"message":["Name can't be blank"]}"#;

/// Who asks, by the fault of what they show.
#[derive(Clone, Copy, Debug)]
enum By {
    Nobody,
    Unknown,
    Expired,
    ReadApi,
    AnotherScope,
    ProjectToken,
    JobElsewhere,
    Personal(Role),
}

/// What several refusals apply to.
struct Scene {
    team: Team,
    expired: String,
    read_api: String,
    another_scope: String,
    project_token: String,
    job_elsewhere: String,
    public: u64,
    private: u64,
    disabled: u64,
    archived: u64,
    link: u64,
}

impl Scene {
    fn provision(root: &mut Connection) -> Self {
        let team = Team::provision(root, "order");
        let group = root.make("/api/v4/groups", json!({ "name": "o", "path": "order", "visibility": "public" }));
        let [public, private, disabled, archived, elsewhere] =
            ["public", "private", "disabled", "archived", "elsewhere"].map(|path| {
                let visibility = if path == "private" { "private" } else { "public" };
                let draft = json!({ "name": path, "path": path, "namespace_id": group, "visibility": visibility });
                let project = root.make("/api/v4/projects", draft);
                for (role, level) in MEMBERS {
                    let member = json!({ "user_id": team.id(role), "access_level": level });
                    root.root("POST", format!("/api/v4/projects/{project}/members"), member);
                }
                for tag in ["v1", "sealed"] {
                    root.root("POST", format!("/api/v4/projects/{project}/releases"), json!({ "tag_name": tag }));
                }
                let rule = json!({ "name": "sealed*", "create_access_level": 0 });
                root.root("POST", format!("/api/v4/projects/{project}/protected_tags"), rule);
                project
            });
        let links = format!("/api/v4/projects/{public}/releases/v1/assets/links");
        let link = root.make(links, json!({ "name": "a", "url": "http://a" }));
        let settings = json!({ "releases_access_level": "disabled" });
        root.root("PUT", format!("/api/v4/projects/{disabled}"), settings);
        root.root("POST", format!("/api/v4/projects/{archived}/archive"), Value::Null);
        let owner = team.id(Role::Owner);
        Self {
            expired: personal(root, owner, Scope::Api, Some(PAST)).1,
            read_api: personal(root, owner, Scope::ReadApi, None).1,
            another_scope: personal(root, owner, Scope::Another, None).1,
            project_token: of_project(root, public, 50, Scope::Api, None).1,
            job_elsewhere: of_job(root, elsewhere, owner).1,
            team,
            public,
            private,
            disabled,
            archived,
            link,
        }
    }

    fn credential(&self, by: By) -> Option<Credential> {
        let (means, token) = match by {
            By::Nobody => return None,
            By::Unknown => (Means::PrivateToken, "glpat-nobody-was-given-this-one"),
            By::Expired => (Means::PrivateToken, self.expired.as_str()),
            By::ReadApi => (Means::PrivateToken, self.read_api.as_str()),
            By::AnotherScope => (Means::PrivateToken, self.another_scope.as_str()),
            By::ProjectToken => (Means::PrivateToken, self.project_token.as_str()),
            By::JobElsewhere => (Means::JobToken, self.job_elsewhere.as_str()),
            By::Personal(role) => (Means::PrivateToken, self.team.token(role)),
        };
        Some(Credential::new(means, token))
    }

    /// The links' endpoints: the parameter layer comes before the credential, and all else after it.
    #[rustfmt::skip]
    fn on_links(&self) -> Vec<(&'static str, By, Shot, u16, &'static str)> {
        let links = |project: u64, tag: &str| format!("/api/v4/projects/{project}/releases/{tag}/assets/links");
        let post = |project, tag, body| Shot::new("POST", links(project, tag)).with(body);
        let put = |project, link: u64, body| Shot::new("PUT", format!("{}/{link}", links(project, "v1"))).with(body);
        let get = |project, rest: &str| Shot::new("GET", format!("{}{rest}", links(project, "v1")));
        let good = || json!({ "name": "b", "url": "http://b" });
        let blank = || json!({ "name": "", "url": "http://b" });
        let (public, private, disabled, archived) = (self.public, self.private, self.disabled, self.archived);
        let (stranger, guest) = (By::Personal(Role::Stranger), By::Personal(Role::Guest));
        let (developer, root) = (By::Personal(Role::Developer), By::Personal(Role::Administrator));
        vec![
            ("3 before 4: parameters, expired", By::Expired, post(public, "v1", json!({})), 400, NEITHER),
            ("3 before 4: parameters, unknown", By::Unknown, post(999_999_999, "v1", json!({})), 400, NEITHER),
            ("3 before 4: page, unknown", By::Unknown, get(private, "?page=x"), 400, r#"{"error":"page is invalid"}"#),
            ("3 before 4: link_id, unknown", By::Unknown, get(private, "/x"), 400, r#"{"error":"link_id is invalid"}"#),
            ("3 before 5: parameters, hidden", stranger, post(private, "v1", json!({})), 400, NEITHER),
            ("3 before 5: parameters, scope", By::ReadApi, post(public, "v1", json!({})), 400, NEITHER),
            ("3 before 9: parameters, may not write", guest, post(public, "v1", json!({})), 400, NEITHER),
            ("3 before 9: parameters, anonymous", By::Nobody, post(public, "v1", json!({})), 400, NEITHER),
            ("4 before 5: expired, private", By::Expired, post(private, "v1", good()), 401, EXPIRED),
            ("4 before 5: expired, absent", By::Expired, post(999_999_999, "v1", good()), 401, EXPIRED),
            ("4 before 5: unknown, absent", By::Unknown, get(999_999_999, ""), 401, UNAUTHORIZED),
            ("4 before 6: expired, disabled", By::Expired, get(disabled, ""), 401, EXPIRED),
            ("4 before 9: unknown, protected", By::Unknown, post(public, "sealed", good()), 401, UNAUTHORIZED),
            ("5: hidden before no release", stranger, get(private, ""), 404, HIDDEN),
            ("5: hidden before no link", stranger, get(private, "/999999999"), 404, HIDDEN),
            ("5: hidden before model", stranger, post(private, "v1", blank()), 404, HIDDEN),
            ("5: hidden before 403 to who is nobody", By::Nobody, post(private, "v1", good()), 404, HIDDEN),
            ("5: elsewhere before no release", By::JobElsewhere, post(public, "v9", good()), 404, HIDDEN),
            ("5: absent before scope", By::AnotherScope, get(999_999_999, ""), 404, HIDDEN),
            ("5: scope before 6", By::AnotherScope, get(disabled, ""), 403, INSUFFICIENT_SCOPE),
            ("5: scope before 6, writing", By::ReadApi, post(disabled, "v1", good()), 403, INSUFFICIENT_SCOPE),
            ("5: scope before 7", By::ReadApi, post(public, "v9", good()), 403, INSUFFICIENT_SCOPE),
            ("5: scope before 8", By::ReadApi, put(public, 999_999_999, good()), 403, INSUFFICIENT_SCOPE),
            ("5: scope before protected", By::ReadApi, post(public, "sealed", good()), 403, INSUFFICIENT_SCOPE),
            ("5: scope before archived", By::ReadApi, post(archived, "v1", good()), 403, INSUFFICIENT_SCOPE),
            ("5: scope before model", By::ReadApi, post(public, "v1", blank()), 403, INSUFFICIENT_SCOPE),
            ("6 before 7: disabled, no release", root, post(disabled, "v9", good()), 403, FORBIDDEN),
            ("6 before 8: disabled, no link", root, get(disabled, "/999999999"), 403, FORBIDDEN),
            ("6 before 10: disabled, model", root, post(disabled, "v1", blank()), 403, FORBIDDEN),
            ("7 before 9: no release, may not write", guest, post(public, "v9", good()), 404, NOT_FOUND),
            ("7 before 9: no release, anonymous", By::Nobody, post(public, "v9", good()), 404, NOT_FOUND),
            ("7 before 9: no release, protected", root, post(public, "sealed-9", good()), 404, NOT_FOUND),
            ("7 before 9: no release, archived", root, post(archived, "v9", good()), 404, NOT_FOUND),
            ("7 before 10: no release, model", developer, post(public, "v9", blank()), 404, NOT_FOUND),
            ("8 before 9: no link, may not write", guest, put(public, 999_999_999, good()), 404, NOT_FOUND),
            ("8 before 9: no link, archived", root, put(archived, 999_999_999, good()), 404, NOT_FOUND),
            ("8 before 10: no link, model", developer, put(public, 999_999_999, blank()), 404, NOT_FOUND),
            ("9 before 10: may not write, model", guest, post(public, "v1", blank()), 403, FORBIDDEN),
            ("9 before 10: may not write, model of PUT", guest, put(public, self.link, blank()), 403, FORBIDDEN),
            ("9 before 10: protected, model", root, post(public, "sealed", blank()), 403, FORBIDDEN),
            ("9 before 10: archived, model", root, post(archived, "v1", blank()), 403, FORBIDDEN),
            ("10: model", developer, post(public, "v1", blank()), 400, BLANK),
        ]
    }

    /// "On `/releases` itself steps 4 to 6 precede the parameter layer; write permission, protected tag and 409 follow it
    /// in that order."
    #[rustfmt::skip]
    fn on_releases(&self) -> Vec<(&'static str, By, Shot, u16, &'static str)> {
        let post = |project: u64, body| Shot::new("POST", format!("/api/v4/projects/{project}/releases")).with(body);
        let get = |project: u64| Shot::new("GET", format!("/api/v4/projects/{project}/releases?order_by=x"));
        let tag = |tag: &str| json!({ "tag_name": tag });
        let (public, private, disabled, archived) = (self.public, self.private, self.disabled, self.archived);
        let (stranger, guest) = (By::Personal(Role::Stranger), By::Personal(Role::Guest));
        let (developer, root) = (By::Personal(Role::Developer), By::Personal(Role::Administrator));
        vec![
            ("releases, 4 before 3: expired", By::Expired, post(public, json!({})), 401, EXPIRED),
            ("releases, 4 before 3: expired, list", By::Expired, get(private), 401, EXPIRED),
            ("releases, 4 before 3: unknown, list", By::Unknown, get(public), 401, UNAUTHORIZED),
            ("releases, 5 before 3: hidden", stranger, post(private, json!({})), 404, HIDDEN),
            ("releases, 5 before 3: hidden, list", stranger, get(private), 404, HIDDEN),
            ("releases, 5 before 3: elsewhere", By::JobElsewhere, post(public, json!({})), 404, HIDDEN),
            ("releases, 5 before 3: scope", By::ReadApi, post(public, json!({})), 403, INSUFFICIENT_SCOPE),
            ("releases, 5 before 3: scope, list", By::AnotherScope, get(public), 403, INSUFFICIENT_SCOPE),
            ("releases, 6 before 3: disabled", root, post(disabled, json!({})), 403, FORBIDDEN),
            ("releases, 6 before 3: disabled, list", root, get(disabled), 403, FORBIDDEN),
            ("releases, 3 before 9: may not write", guest, post(public, json!({})), 400, NO_TAG),
            ("releases, 3 before 9: anonymous", By::Nobody, post(public, json!({})), 400, NO_TAG),
            ("releases, 3 before 9: archived", root, post(archived, json!({})), 400, NO_TAG),
            ("releases, 3: list", guest, get(private), 400, BAD_ORDER),
            ("releases, 9 before 409: may not write", guest, post(public, tag("v1")), 403, FORBIDDEN),
            ("releases, 9 before 409: protected", root, post(public, tag("sealed")), 403, FORBIDDEN),
            ("releases, 9 before 409: archived", root, post(archived, tag("v1")), 403, FORBIDDEN),
            ("releases, 409", developer, post(public, tag("v1")), 409, EXISTS),
        ]
    }

    /// docs/contract.md, "Provisioning": "malformed; no route; writing anonymously 401; absent or hidden 404 …; scope 403; project or job token
    /// writing 403; role 403; parameters 400; taken".
    #[rustfmt::skip]
    fn on_provisioning(&self) -> Vec<(&'static str, By, Shot, u16, &'static str)> {
        let to = |project: u64, rest: &str| format!("/api/v4/projects/{project}{rest}");
        let (public, private) = (self.public, self.private);
        let member = |project| {
            let body = json!({ "user_id": self.team.id(Role::Guest), "access_level": 10 });
            Shot::new("POST", to(project, "/members")).with(body)
        };
        let wrong = |project| Shot::new("POST", to(project, "/members")).with(json!({ "access_level": 11 }));
        let job = |project: &str| Shot::new("POST", format!("/api/v4/projects/{project}/job_tokens"));
        let unknown_route = |method| Shot::new(method, "/api/v4/nothing");
        let (stranger, guest) = (By::Personal(Role::Stranger), By::Personal(Role::Guest));
        let maintainer = By::Personal(Role::Maintainer);
        vec![
            ("no route before 401", By::Unknown, unknown_route("GET"), 404, NO_ROUTE),
            ("no route before 401, writing", By::Nobody, unknown_route("POST"), 404, NO_ROUTE),
            ("wrong verb before 401", By::Unknown, Shot::new("DELETE", "/api/v4/projects"), 405, WRONG_VERB),
            ("anonymous before hidden", By::Nobody, member(private), 401, UNAUTHORIZED),
            ("anonymous before absent", By::Nobody, member(999_999_999), 401, UNAUTHORIZED),
            ("anonymous before what no project is called", By::Nobody, job("99999999999999999999"), 401, UNAUTHORIZED),
            ("what no project is called", stranger, job("99999999999999999999"), 404, HIDDEN),
            ("anonymous before parameters", By::Nobody, wrong(public), 401, UNAUTHORIZED),
            ("expired before hidden", By::Expired, member(999_999_999), 401, EXPIRED),
            ("hidden to an anonymous reader", By::Nobody, Shot::new("GET", to(private, "")), 404, HIDDEN),
            ("hidden before role", stranger, member(private), 404, HIDDEN),
            ("hidden before parameters", stranger, wrong(private), 404, HIDDEN),
            ("absent before scope", By::ReadApi, member(999_999_999), 404, HIDDEN),
            ("scope before parameters", By::ReadApi, wrong(public), 403, INSUFFICIENT_SCOPE),
            ("scope before taken", By::ReadApi, member(public), 403, INSUFFICIENT_SCOPE),
            ("project token before parameters", By::ProjectToken, wrong(public), 403, FORBIDDEN),
            ("project token before taken", By::ProjectToken, member(public), 403, FORBIDDEN),
            ("role before parameters", guest, wrong(public), 403, FORBIDDEN),
            ("role before taken", guest, member(public), 403, FORBIDDEN),
            ("taken", maintainer, member(public), 409, r#"{"message":"Member already exists"}"#),
        ]
    }
}

#[test]
fn the_refusal_that_comes_first_in_the_contract_is_the_one_that_is_told() {
    let started = Instant::now();
    let server = server();
    let mut connection = Connection::new(server.address());
    let scene = Scene::provision(&mut connection);
    let mut rows = scene.on_links();
    rows.extend(scene.on_releases());
    rows.extend(scene.on_provisioning());
    let mut report = Report::default();
    for (name, by, shot, status, body) in &rows {
        let answer = connection.ask(scene.credential(*by).as_ref(), shot);
        if let Some(fault) = unlike(&answer, *status, Some(body)) {
            report.fault(&format!("{name} | {by:?} | {} {}", shot.method, shot.target), &fault);
        }
    }
    report.conclude("order of refusals", rows.len(), started);
}

#[test]
fn a_malformed_request_is_told_before_all_else() {
    let server = server();
    for (target, unsupported) in
        [("/api/v4/projects/1/releases/v1/assets/links", 415), ("/api/v4/users", 415), ("/api/v4/nothing", 404)]
    {
        for (kind, body, status) in [("application/json", "{", 400), ("text/plain", "x", unsupported)] {
            let request = crate::harness::Request::new(server.address(), "POST", target);
            let request = request.header("PRIVATE-TOKEN", "unknown").header("Content-Type", kind).body(body);
            request.send().status(status);
        }
    }
}
