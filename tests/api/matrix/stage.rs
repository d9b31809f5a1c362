//! The objects for docs/contract.md, "Provisioning": a group of each visibility, and a fresh project or group in it for each case that writes.

use serde_json::{Value, json};

use super::callers::{Bad, Scope, Team, of_job, of_project, personal, user};
use super::expected::{Role, Visibility};
use super::wire::{Connection, Credential, Means, Shot};

/// By what somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A personal token, or nothing at all.
    Personal,
    /// A token of the project in question, of level 50.
    ProjectToken,
    /// A token of level 50 of another project.
    ForeignProjectToken,
    /// A job of an owner in the project in question.
    JobToken,
    /// A job of an owner in another project.
    ForeignJob,
    /// An administrator on behalf of the user whose role it is.
    Sudo,
    Bad(Bad),
}

/// Somebody who tries every row.
pub struct Asker {
    pub name: String,
    pub role: Role,
    pub kind: Kind,
    pub scope: Scope,
    pub credential: Option<Credential>,
}

/// A group of one visibility, and what all rows may read there.
pub struct MemberSource {
    pub visibility: Visibility,
    pub group: u64,
    pub project: u64,
    /// A direct member of both.
    pub member: u64,
    /// An access token of the project.
    pub access_token: u64,
}

/// The whole scene.
pub struct Stage {
    pub team: Team,
    pub places: Vec<MemberSource>,
    /// A group in which the whole team are developers.
    pub friendly: u64,
    /// A public group in which nobody is anything.
    pub foreign: u64,
    foreign_project_token: String,
    foreign_job_token: String,
    stranger_token: u64,
}

impl Stage {
    pub fn provision(root: &mut Connection) -> Self {
        let team = Team::provision(root, "staff");
        let visibilities = [Visibility::Public, Visibility::Internal, Visibility::Private];
        let places = visibilities.map(|visibility| place(root, &team, visibility)).into();
        let friendly = group(root, "friendly", Visibility::Public);
        // Who makes a group owns it.
        for person in team.people.iter().filter(|person| person.0 != Role::Administrator) {
            join(root, &format!("groups/{friendly}"), person.1, 30);
        }
        let foreign = group(root, "foreign", Visibility::Public);
        let project = project(root, friendly, "elsewhere", Visibility::Public);
        let bystander = user(root, "bystander");
        Self {
            friendly,
            foreign,
            foreign_project_token: of_project(root, project, 50, Scope::Api, None).1,
            foreign_job_token: of_job(root, project, team.id(Role::Owner)).1,
            stranger_token: personal(root, bystander, Scope::Api, None).0,
            team,
            places,
        }
    }

    /// The eight roles, and an owner by everything else; an administrator, too, of each scope.
    pub fn askers(&self) -> Vec<Asker> {
        let mut askers = vec![Asker {
            name: "anonymous".to_owned(),
            role: Role::Anonymous,
            kind: Kind::Personal,
            scope: Scope::Api,
            credential: None,
        }];
        for who in &self.team.callers {
            let Some(credential) = &who.credential else { continue };
            let is_acting = credential.sudo.is_some();
            let (plain, owner) = (credential.means == Means::PrivateToken && !is_acting, who.role == Role::Owner);
            let scoped = who.scope != Scope::Api;
            if owner || (is_acting && who.bad.is_some()) || (plain && (!scoped || who.role == Role::Administrator)) {
                // Nothing that provisions accepts HTTP Basic.
                let seen = who.seen_by(false);
                askers.push(Asker {
                    name: who.name.clone(),
                    role: seen.role,
                    kind: seen.bad.map_or(if is_acting { Kind::Sudo } else { Kind::Personal }, Kind::Bad),
                    scope: seen.scope,
                    credential: Some(credential.clone()),
                });
            }
        }
        for kind in [Kind::ProjectToken, Kind::ForeignProjectToken, Kind::JobToken, Kind::ForeignJob] {
            let name = format!("owner by {kind:?}");
            askers.push(Asker { name, role: Role::Owner, kind, scope: Scope::Api, credential: None });
        }
        askers
    }
}

fn place(root: &mut Connection, team: &Team, visibility: Visibility) -> MemberSource {
    let name = format!("{visibility:?}-place").to_lowercase();
    let group = group(root, &name, visibility);
    for (role, level) in super::callers::MEMBERS {
        join(root, &format!("groups/{group}"), team.id(role), level);
    }
    let project = project(root, group, "fixture", visibility);
    let member = user(root, &format!("{name}-member"));
    join(root, &format!("groups/{group}"), member, 10);
    join(root, &format!("projects/{project}"), member, 20);
    protect(root, project);
    let access_token = of_project(root, project, 10, Scope::ReadApi, None).0;
    MemberSource { visibility, group, project, member, access_token }
}

fn group(root: &mut Connection, path: &str, visibility: Visibility) -> u64 {
    let visibility = format!("{visibility:?}").to_lowercase();
    root.make("/api/v4/groups", json!({ "name": path, "path": path, "visibility": visibility }))
}

fn project(root: &mut Connection, group: u64, path: &str, visibility: Visibility) -> u64 {
    let visibility = format!("{visibility:?}").to_lowercase();
    let draft = json!({ "name": path, "path": path, "namespace_id": group, "visibility": visibility });
    root.make("/api/v4/projects", draft)
}

fn join(root: &mut Connection, place: &str, user: u64, level: u8) {
    root.root("POST", format!("/api/v4/{place}/members"), json!({ "user_id": user, "access_level": level }));
}

fn protect(root: &mut Connection, project: u64) {
    root.root("POST", format!("/api/v4/projects/{project}/protected_tags"), json!({ "name": "v*" }));
}

/// One case in the making: what its request needs is made here.
pub struct Set<'a> {
    pub root: &'a mut Connection,
    pub stage: &'a Stage,
    pub place: &'a MemberSource,
    pub asker: &'a Asker,
    /// Used by no other case.
    pub number: usize,
    /// The project that the request is about.
    project: u64,
    /// What is not there in the request for what is absent: `projects` and its id.
    hidden: Option<(&'static str, u64)>,
    /// By what it is asked in the end.
    pub credential: Option<Credential>,
}

impl<'a> Set<'a> {
    pub fn new(
        root: &'a mut Connection,
        stage: &'a Stage,
        place: &'a MemberSource,
        asker: &'a Asker,
        number: usize,
    ) -> Self {
        let credential = asker.credential.clone();
        Self { root, stage, place, asker, number, project: place.project, hidden: None, credential }
    }

    /// The id of the user who asks; for somebody without one, of the owner.
    pub fn me(&self) -> u64 {
        self.stage.team.id(if self.asker.role == Role::Anonymous { Role::Owner } else { self.asker.role })
    }

    /// As [`Set::me`], but a member of the place.
    pub fn me_or_the_owner(&self) -> u64 {
        if self.asker.role == Role::Stranger { self.stage.team.id(Role::Owner) } else { self.me() }
    }

    pub fn name(&self) -> String {
        format!("case-{}", self.number)
    }

    /// The place's group: `groups/1`.
    pub fn group(&mut self) -> String {
        self.hides("groups", self.place.group);
        format!("/api/v4/groups/{}", self.place.group)
    }

    /// A fresh group below it.
    pub fn fresh_group(&mut self) -> String {
        let visibility = format!("{:?}", self.place.visibility).to_lowercase();
        let draft = json!({ "name": self.name(), "path": self.name(), "parent_id": self.place.group,
            "visibility": visibility });
        let group = self.root.make("/api/v4/groups", draft);
        self.hides("groups", group);
        format!("/api/v4/groups/{group}")
    }

    /// The place's project.
    pub fn project(&mut self) -> String {
        self.hides("projects", self.place.project);
        format!("/api/v4/projects/{}", self.place.project)
    }

    /// A fresh project in the place's group.
    pub fn fresh_project(&mut self) -> String {
        let name = self.name();
        self.project = project(self.root, self.place.group, &name, self.place.visibility);
        self.hides("projects", self.project);
        format!("/api/v4/projects/{}", self.project)
    }

    /// As [`Set::fresh_project`], with a rule for `v*`.
    pub fn protected_project(&mut self) -> String {
        let target = self.fresh_project();
        protect(self.root, self.project);
        target
    }

    pub fn fresh_user(&mut self) -> u64 {
        let name = self.name();
        user(self.root, &name)
    }

    /// A fresh user, made a member there.
    pub fn fresh_member(&mut self, target: &str, level: u8) -> u64 {
        let user = self.fresh_user();
        self.root.root("POST", format!("{target}/members"), json!({ "user_id": user, "access_level": level }));
        user
    }

    /// A fresh access token of the fresh project.
    pub fn fresh_access_token(&mut self) -> u64 {
        of_project(self.root, self.project, 10, Scope::ReadApi, None).0
    }

    /// A fresh job of the fresh project.
    pub fn fresh_job(&mut self, user: u64) -> u64 {
        of_job(self.root, self.project, user).0
    }

    /// A fresh package's only file, in a project.
    pub fn fresh_file(&mut self, project: &str) -> Value {
        let target = format!("{project}/packages/generic/{}/1.0/file?select=package_file", self.name());
        self.root.root("PUT", target, json!("bytes")).json()
    }

    /// A fresh upload in a project.
    pub fn fresh_upload(&mut self, project: &str) -> Value {
        self.root.shoot(&Shot::new("POST", format!("{project}/uploads")).with_file()).json()
    }

    /// The path of a project.
    pub fn path_of(&mut self, project: &str) -> String {
        let known = self.root.root("GET", project, json!(null)).json();
        known["path_with_namespace"].as_str().expect("a project has a path").to_owned()
    }

    /// A fresh personal token of the user who asks.
    pub fn fresh_token(&mut self) -> u64 {
        let me = self.me();
        personal(self.root, me, Scope::Api, None).0
    }

    /// Asks by a fresh token like the one at hand, unless that is none or no good.
    pub fn ask_by_a_fresh_token(&mut self) {
        let me = self.me();
        if let (Some(credential), Kind::Personal) = (&mut self.credential, self.asker.kind) {
            credential.token = personal(self.root, me, self.asker.scope, None).1;
        }
    }

    /// A token of somebody else, which the request may not show to exist.
    pub fn strangers_token(&mut self) -> u64 {
        self.hides("personal_access_tokens", self.stage.stranger_token);
        self.stage.stranger_token
    }

    /// As [`Set::strangers_token`], but fresh.
    pub fn fresh_strangers_token(&mut self) -> u64 {
        let user = self.fresh_user();
        let (id, _) = personal(self.root, user, Scope::Api, None);
        self.hides("personal_access_tokens", id);
        id
    }

    /// Marks what the request may not show to exist.
    pub fn hides(&mut self, kind: &'static str, id: u64) {
        self.hidden = Some((kind, id));
    }

    /// Makes the token of the project in question, for those who ask by one.
    pub fn arm(&mut self) {
        let (means, token) = match self.asker.kind {
            Kind::Personal | Kind::Sudo | Kind::Bad(_) => return,
            Kind::ProjectToken => (Means::PrivateToken, of_project(self.root, self.project, 50, Scope::Api, None).1),
            Kind::JobToken => (Means::JobToken, of_job(self.root, self.project, self.stage.team.id(Role::Owner)).1),
            Kind::ForeignProjectToken => (Means::PrivateToken, self.stage.foreign_project_token.clone()),
            Kind::ForeignJob => (Means::JobToken, self.stage.foreign_job_token.clone()),
        };
        self.credential = Some(Credential::new(means, &token));
    }

    /// The same request for something that does not exist.
    pub fn absent(&self, shot: &Shot) -> Option<Shot> {
        const ABSENT: u64 = 999_999_999;
        let (kind, hidden) = self.hidden?;
        let mut shot = shot.clone();
        let named = format!("/{kind}/{hidden}/");
        let target = format!("{}/", shot.target).replacen(&named, &format!("/{kind}/{ABSENT}/"), 1);
        target.trim_end_matches('/').clone_into(&mut shot.target);
        if let Some(Value::Object(body)) = &mut shot.body {
            for value in body.values_mut().filter(|value| value.as_u64() == Some(hidden)) {
                *value = json!(ABSENT);
            }
        }
        Some(shot)
    }
}
