//! The callers: every role with every kind of token, in every state that a token can have.

use std::fmt::Display;

use serde_json::json;

use super::expected::Role;
use super::wire::{Connection, Credential, Means};

/// "credential present but bad".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    Unknown,
    /// A personal token where only job tokens go, or the other way round.
    WrongMeans,
    UserGone,
    FinishedJob,
    Expired,
    Revoked,
    ExpiredAndRevoked,
    /// Without a token on behalf of another user.
    SudoAnonymously,
    /// On behalf of another user by a token that is no administrator's own.
    SudoByNoAdministrator,
    SudoWithoutScope,
    /// On behalf of a user that does not exist.
    SudoForNobody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Api,
    ReadApi,
    /// One that is known and opens nothing here.
    Another,
}

impl Scope {
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::ReadApi => "read_api",
            Self::Another => "read_user",
        }
    }
}

/// On how much somebody is tried: where one answer follows from another, to ask once more finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Who is told the same everywhere, or differs from others in the place of the token only.
    Once,
    /// On every project, but not on every kind of tag.
    EveryProject,
    /// On every project and every kind of tag.
    EveryTag,
}

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub bad: Option<Bad>,
    pub job_of_another_project: bool,
    pub width: Width,
    pub credential: Option<Credential>,
}

impl Who {
    pub fn anonymous() -> Self {
        Self {
            name: "anonymous".to_owned(),
            role: Role::Anonymous,
            scope: Scope::Api,
            bad: None,
            job_of_another_project: false,
            width: Width::EveryTag,
            credential: None,
        }
    }

    pub fn by(role: Role, kind: &str, means: Means, token: &str) -> Self {
        Self {
            name: format!("{role:?} by {kind} in {means:?}").to_lowercase(),
            role,
            credential: Some(Credential::new(means, token)),
            width: Width::Once,
            ..Self::anonymous()
        }
    }

    pub fn scope(self, scope: Scope) -> Self {
        let name = format!("{} of scope {}", self.name, scope.name());
        Self { name, scope, width: Width::EveryProject, ..self }
    }

    /// On behalf of another user, whose role it is.
    pub fn sudo(self, user: impl Display) -> Self {
        let credential = self.credential.map(|given| Credential { sudo: Some(user.to_string()), ..given });
        Self { name: format!("{} on behalf of {user}", self.name), credential, ..self }
    }

    pub fn bad(self, bad: Bad) -> Self {
        Self { name: format!("{}, {bad:?}", self.name), bad: Some(bad), ..self }
    }

    /// Who an endpoint takes the caller for: one that does not accept HTTP Basic does not look at it.
    pub fn seen_by(&self, accepts_basic: bool) -> Self {
        let is_basic = self.credential.as_ref().is_some_and(|credential| credential.means == Means::Basic);
        if is_basic && !accepts_basic { Self::anonymous() } else { self.clone() }
    }

    fn on_every_tag(self) -> Self {
        Self { width: Width::EveryTag, ..self }
    }
}

/// The members' roles with the level that makes them.
pub const MEMBERS: [(Role, u8); 5] =
    [(Role::Guest, 10), (Role::Reporter, 20), (Role::Developer, 30), (Role::Maintainer, 40), (Role::Owner, 50)];

/// A date that lies behind every run.
pub const PAST: &str = "2001-01-01";

/// One user of each role, the same in all projects.
pub struct Team {
    /// By role, from the stranger to the administrator: id and personal token of scope `api`.
    pub people: Vec<(Role, u64, String)>,
    pub callers: Vec<Who>,
}

impl Team {
    pub fn id(&self, role: Role) -> u64 {
        self.people.iter().find(|person| person.0 == role).expect("everybody but the anonymous is a person").1
    }

    pub fn token(&self, role: Role) -> &str {
        &self.people.iter().find(|person| person.0 == role).expect("everybody but the anonymous is a person").2
    }

    /// Makes the people, with a prefix to their names, and their personal tokens.
    pub fn provision(root: &mut Connection, prefix: &str) -> Self {
        let mut people = Vec::new();
        for role in [Role::Stranger].into_iter().chain(MEMBERS.map(|(role, _)| role)) {
            let id = user(root, &format!("{prefix}-{role:?}").to_lowercase());
            people.push((role, id, personal(root, id, Scope::Api, None).1));
        }
        let administrator = root.root("GET", "/api/v4/user", json!(null)).id();
        people.push((Role::Administrator, administrator, personal(root, administrator, Scope::Api, None).1));
        let callers = personal_callers(root, prefix, &people);
        Self { people, callers }
    }
}

pub fn user(root: &mut Connection, name: &str) -> u64 {
    root.make("/api/v4/users", json!({ "username": name, "name": name, "email": format!("{name}@example.com") }))
}

/// A personal token: its id and itself.
pub fn personal(root: &mut Connection, user: u64, scope: Scope, expires_at: Option<&str>) -> (u64, String) {
    let draft = json!({ "name": "matrix", "scopes": [scope.name()], "expires_at": expires_at });
    root.token(format!("/api/v4/users/{user}/personal_access_tokens"), draft)
}

/// A personal token of the scope `sudo` beside this one.
fn sudo(root: &mut Connection, user: u64, scope: Scope) -> String {
    let draft = json!({ "name": "matrix", "scopes": [scope.name(), "sudo"] });
    root.token(format!("/api/v4/users/{user}/personal_access_tokens"), draft).1
}

fn personal_callers(root: &mut Connection, prefix: &str, people: &[(Role, u64, String)]) -> Vec<Who> {
    let mut callers = vec![
        Who::anonymous(),
        Who::by(Role::Anonymous, "password", Means::Basic, "password").bad(Bad::Unknown),
        Who::by(Role::Anonymous, "token", Means::DeployToken, &people[0].2),
    ];
    for (role, id, token) in people {
        callers.push(Who::by(*role, "personal token", Means::PrivateToken, token).on_every_tag());
        for means in [Means::Bearer, Means::Basic] {
            callers.push(Who::by(*role, "personal token", means, token));
        }
        for scope in [Scope::ReadApi, Scope::Another] {
            let (_, token) = personal(root, *id, scope, None);
            callers.push(Who::by(*role, "personal token", Means::PrivateToken, &token).scope(scope));
        }
    }
    let (role, owner, token) = people.iter().find(|person| person.0 == Role::Owner).expect("there is an owner").clone();
    for means in [Means::PrivateTokenParameter, Means::AccessTokenParameter] {
        callers.push(Who::by(role, "personal token", means, &token));
    }
    callers.extend(bad_callers(root, prefix, owner, &token));
    callers.extend(acting_callers(root, people));
    callers
}

/// The administrator on behalf of everybody, and who may not do that.
fn acting_callers(root: &mut Connection, people: &[(Role, u64, String)]) -> Vec<Who> {
    let id = |wanted: Role| people.iter().find(|person| person.0 == wanted).expect("everybody is a person").1;
    let (administrator, owner) = (id(Role::Administrator), id(Role::Owner));
    let (api, read_api) = (sudo(root, administrator, Scope::Api), sudo(root, administrator, Scope::ReadApi));
    let by = |role, token: &str, user: &dyn Display| {
        Who::by(role, "administrator's token", Means::PrivateToken, token).sudo(user)
    };
    let mut callers: Vec<Who> = people.iter().map(|(role, id, _)| by(*role, &api, id)).collect();
    callers.push(by(Role::Owner, &read_api, &owner).scope(Scope::ReadApi));
    let (_, without) = personal(root, administrator, Scope::Api, None);
    let no_administrator = sudo(root, owner, Scope::Api);
    callers.extend([
        by(Role::Administrator, &api, &"nobody").bad(Bad::SudoForNobody),
        by(Role::Administrator, &without, &owner).bad(Bad::SudoWithoutScope),
        by(Role::Owner, &no_administrator, &owner).bad(Bad::SudoByNoAdministrator),
        Who::by(Role::Anonymous, "nothing", Means::DeployToken, "x").sudo(owner).bad(Bad::SudoAnonymously),
    ]);
    callers
}

/// Personal tokens of an owner that are no good, and tokens that nobody has.
fn bad_callers(root: &mut Connection, prefix: &str, owner: u64, good: &str) -> Vec<Who> {
    let (_, expired) = personal(root, owner, Scope::Api, Some(PAST));
    let (id, revoked) = personal(root, owner, Scope::Api, None);
    revoke(root, id);
    let (id, both) = personal(root, owner, Scope::Api, Some(PAST));
    revoke(root, id);
    let gone = user(root, &format!("{prefix}-gone"));
    let (_, orphan) = personal(root, gone, Scope::Api, None);
    root.root("DELETE", format!("/api/v4/users/{gone}"), json!(null));
    let by = |means, token: &str, bad| Who::by(Role::Owner, "personal token", means, token).bad(bad);
    let nobodys = "glpat-nobody-was-given-this-one";
    vec![
        by(Means::PrivateToken, &expired, Bad::Expired),
        by(Means::Bearer, &expired, Bad::Expired),
        by(Means::Basic, &expired, Bad::Expired),
        by(Means::PrivateToken, &revoked, Bad::Revoked),
        by(Means::AccessTokenParameter, &revoked, Bad::Revoked),
        by(Means::PrivateToken, &both, Bad::ExpiredAndRevoked),
        by(Means::PrivateToken, &orphan, Bad::UserGone),
        by(Means::PrivateToken, nobodys, Bad::Unknown),
        by(Means::Bearer, nobodys, Bad::Unknown),
        by(Means::JobToken, "glcbt-nobody-was-given-this-one", Bad::Unknown),
        by(Means::JobToken, good, Bad::WrongMeans),
    ]
}

fn revoke(root: &mut Connection, id: u64) {
    root.root("DELETE", format!("/api/v4/personal_access_tokens/{id}"), json!(null));
}

/// A project access token: its id and itself.
pub fn of_project(
    root: &mut Connection,
    project: u64,
    level: u8,
    scope: Scope,
    expires_at: Option<&str>,
) -> (u64, String) {
    let draft = json!({ "name": "matrix", "scopes": [scope.name()], "access_level": level, "expires_at": expires_at });
    root.token(format!("/api/v4/projects/{project}/access_tokens"), draft)
}

/// A token for a job that this user runs: its id and itself.
pub fn of_job(root: &mut Connection, project: u64, user: u64) -> (u64, String) {
    root.token(format!("/api/v4/projects/{project}/job_tokens"), json!({ "user_id": user }))
}

/// Tokens that belong to something else than the project they are tried on.
pub struct Elsewhere {
    project_token: String,
    job_tokens: Vec<(Role, String)>,
}

impl Elsewhere {
    /// Makes them for a project of its own, in which the team has the same roles.
    pub fn provision(root: &mut Connection, team: &Team, project: u64) -> Self {
        let jobs = [Role::Guest, Role::Owner, Role::Administrator];
        Self {
            project_token: of_project(root, project, 50, Scope::Api, None).1,
            job_tokens: jobs.map(|role| (role, of_job(root, project, team.id(role)).1)).to_vec(),
        }
    }

    fn callers(&self) -> Vec<Who> {
        let bot = Who::by(Role::Stranger, "token of another project", Means::PrivateToken, &self.project_token);
        let bot = Who { width: Width::EveryProject, ..bot };
        let jobs = self.job_tokens.iter().map(|(role, token)| {
            let who = Who::by(*role, "job of another project", Means::JobToken, token);
            Who { job_of_another_project: true, width: Width::EveryProject, ..who }
        });
        [bot].into_iter().chain(jobs).collect()
    }
}

/// Everybody who is tried on this project: the people, its tokens and its jobs, and those of others.
pub fn callers_of(root: &mut Connection, team: &Team, elsewhere: &Elsewhere, project: u64) -> Vec<Who> {
    let mut callers = team.callers.clone();
    callers.extend(elsewhere.callers());
    for (role, level) in MEMBERS {
        let (_, token) = of_project(root, project, level, Scope::Api, None);
        callers.push(Who::by(role, "project token", Means::PrivateToken, &token).on_every_tag());
        if role == Role::Developer {
            callers.push(Who::by(role, "project token", Means::Bearer, &token));
            callers.push(Who::by(role, "project token", Means::JobToken, &token).bad(Bad::WrongMeans));
        }
    }
    let (_, token) = of_project(root, project, 50, Scope::Api, None);
    let who = Who::by(Role::Owner, "project token", Means::PrivateToken, &token).sudo("root");
    callers.push(who.bad(Bad::SudoByNoAdministrator));
    for scope in [Scope::ReadApi, Scope::Another] {
        let (_, token) = of_project(root, project, 50, scope, None);
        callers.push(Who::by(Role::Owner, "project token", Means::PrivateToken, &token).scope(scope));
    }
    let (_, expired) = of_project(root, project, 50, Scope::Api, Some(PAST));
    callers.push(Who::by(Role::Owner, "project token", Means::PrivateToken, &expired).bad(Bad::Expired));
    let (id, revoked) = of_project(root, project, 50, Scope::Api, None);
    root.root("DELETE", format!("/api/v4/projects/{project}/access_tokens/{id}"), json!(null));
    callers.push(Who::by(Role::Owner, "project token", Means::PrivateToken, &revoked).bad(Bad::Revoked));
    callers.extend(jobs_of(root, team, project));
    callers
}

fn jobs_of(root: &mut Connection, team: &Team, project: u64) -> Vec<Who> {
    let mut callers = Vec::new();
    for (role, user, _) in &team.people {
        let (_, token) = of_job(root, project, *user);
        // "never as an administrator": what is left is that root made the group, and so owns it.
        let stands = if *role == Role::Administrator { Role::Owner } else { *role };
        callers.push(Who::by(stands, "job token", Means::JobToken, &token).on_every_tag());
        if *role == Role::Administrator {
            let who = Who::by(stands, "job token", Means::JobToken, &token).sudo("root");
            callers.push(who.bad(Bad::SudoByNoAdministrator));
        }
        if *role == Role::Developer {
            callers.push(Who::by(*role, "job token", Means::JobTokenParameter, &token));
            callers.push(Who::by(*role, "job token", Means::Bearer, &token));
            callers.push(Who::by(*role, "job token", Means::Basic, &token));
            callers.push(Who::by(*role, "job token", Means::AccessTokenParameter, &token));
            callers.push(Who::by(*role, "job token", Means::PrivateToken, &token).bad(Bad::WrongMeans));
        }
    }
    let (id, ended) = of_job(root, project, team.id(Role::Owner));
    root.root("DELETE", format!("/api/v4/projects/{project}/job_tokens/{id}"), json!(null));
    for means in [Means::JobToken, Means::Bearer] {
        callers.push(Who::by(Role::Owner, "job token", means, &ended).bad(Bad::FinishedJob));
    }
    callers
}
