//! The fixture of the tests: the use cases on a store in memory, functions that create users, groups and projects,
//! and callers.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::namespace::Group;
use release_links_domain::project::{BranchName, Project, ReleasesAccess, Topics, Visibility};
use release_links_domain::token::{Bearer, Caller, Scope, TokenKind};
use release_links_domain::user::User;
use release_links_domain::{GroupId, NamespaceId, ProjectId, UserId};
use release_links_memory::MemoryStore;
use release_links_ports::{
    Clock, DatabaseKey, Entropy, EntropyError, NewGroup, NewMember, NewProject, NewUser, Storage,
};
use release_links_usecases::{
    Authentication, Groups, LocalTokens, Missing, Packages, ParameterFaults, Presented, ProjectTokenDraft, Projects,
    ProtectedTags, Refusal, Releases, Secret, Tickets, TokenDraft, TokenMade, TokenUses, Tokens, Uploads, Users,
};

/// An id that does not exist.
pub const ABSENT: i64 = 1_000_000;

/// A clock that only a test moves forward.
struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// A deterministic source of bytes that differ on each call.
struct Counter(AtomicI64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number).for_each(|(byte, next)| *byte = next);
        Ok(())
    }
}

/// A store, and the use cases on it.
pub struct World {
    pub storage: Storage,
    pub users: Users,
    pub groups: Groups,
    pub projects: Projects,
    pub protected_tags: ProtectedTags,
    pub tokens: Tokens,
    pub local_tokens: LocalTokens,
    pub releases: Releases,
    pub packages: Packages,
    pub uploads: Uploads,
    clock: Arc<ManualClock>,
    people: AtomicI64,
}

/// Callers, each with the refusal that they get whatever the parameters.
pub type Refused = Vec<(Caller, Refusal)>;

impl World {
    /// An empty store, at noon of 1 March 2026.
    pub fn new() -> Self {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(noon.as_second())));
        let entropy = Arc::new(Counter(AtomicI64::new(1)));
        let storage = Storage::of(MemoryStore::default());
        let Storage { users, groups, projects, protected_tags, tokens, releases, packages, uploads, .. } =
            storage.clone();
        let tickets = Tickets::new(DatabaseKey([0; 32]), "https://links.example".parse().unwrap(), projects.clone());
        Self {
            users: Users::new(users.clone(), clock.clone()),
            groups: Groups::new(groups, clock.clone()),
            projects: Projects::new(projects.clone(), clock.clone()),
            protected_tags: ProtectedTags::new(protected_tags),
            tokens: Tokens::new(tokens.clone(), users.clone(), projects, clock.clone(), entropy.clone()),
            local_tokens: LocalTokens::new(tokens, users, clock.clone(), entropy),
            releases: Releases::new(releases, clock.clone()),
            packages: Packages::new(packages, clock.clone()),
            uploads: Uploads::new(uploads, tickets, clock.clone()),
            storage,
            clock,
            people: AtomicI64::new(1),
        }
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Authenticates a caller by a credential.
    pub async fn admit(&self, presented: Presented) -> Result<Caller, Refusal> {
        let uses = Arc::new(TokenUses::new(self.storage.tokens.clone()));
        let credentials = self.storage.credentials.clone();
        Authentication::new(credentials, uses, self.clock.clone()).caller(Some(presented), None).await
    }

    /// Authenticates a caller by an access token.
    pub async fn admit_token(&self, secret: &Secret) -> Result<Caller, Refusal> {
        self.admit(Presented::Access(secret.clone())).await
    }

    async fn new_user(&self, username: &str, administrator: bool) -> User {
        let user = NewUser {
            username: username.parse().unwrap(),
            name: format!("The user {username}"),
            email: format!("{username}@example.com").parse().unwrap(),
            administrator,
            created_at: self.clock.now(),
        };
        self.storage.users.create(user).await.unwrap()
    }

    pub async fn user(&self, username: &str) -> UserId {
        self.new_user(username, false).await.id
    }

    /// Creates a user whose name does not matter.
    pub async fn any_user(&self) -> UserId {
        self.user(&format!("any_user{}", self.people.fetch_add(1, Ordering::Relaxed))).await
    }

    /// Creates an administrator and returns a caller with a personal token.
    pub async fn root(&self) -> Caller {
        administrator(self.new_user("root", true).await.id)
    }

    pub async fn own_namespace(&self, user: UserId) -> NamespaceId {
        self.storage.projects.namespace(None, user).await.unwrap().unwrap().namespace.id
    }

    pub async fn group(&self, path: &str, parent: Option<GroupId>, visibility: Visibility) -> Group {
        let group = NewGroup {
            name: path.parse().unwrap(),
            path: path.parse().unwrap(),
            parent,
            description: None,
            visibility,
            owner: None,
            created_at: self.clock.now(),
        };
        self.storage.groups.create(group).await.unwrap()
    }

    pub async fn project(&self, namespace: NamespaceId, path: &str, visibility: Visibility) -> Project {
        let project = NewProject {
            name: path.parse().unwrap(),
            path: path.parse().unwrap(),
            namespace,
            description: None,
            default_branch: BranchName::default(),
            topics: Topics::default(),
            visibility,
            releases: ReleasesAccess::Enabled,
            creator: ABSENT.try_into().unwrap(),
            created_at: self.clock.now(),
        };
        self.storage.projects.create(project).await.unwrap()
    }

    /// Creates a private project in a private group.
    pub async fn hello(&self) -> Project {
        let top = self.group("top", None, Visibility::Private).await;
        self.project(top.id, "hello", Visibility::Private).await
    }

    /// Creates a user who is a member of a project.
    pub async fn member(&self, project: &Project, level: AccessLevel) -> UserId {
        let user = self.any_user().await;
        self.join(project.id, user, level).await;
        user
    }

    pub async fn join(&self, source: ProjectId, user: UserId, level: AccessLevel) {
        let member = NewMember { source, user, level, created_at: self.clock.now() };
        self.storage.members.add_to_project(member).await.unwrap();
    }

    /// Creates a user who is a member of a group.
    pub async fn group_member(&self, group: GroupId, level: AccessLevel) -> UserId {
        let user = self.any_user().await;
        self.join_group(group, user, level).await;
        user
    }

    pub async fn join_group(&self, source: GroupId, user: UserId, level: AccessLevel) {
        let member = NewMember { source, user, level, created_at: self.clock.now() };
        self.storage.members.add_to_group(member).await.unwrap();
    }

    /// Creates an owner of the project, who creates a project token with this level.
    pub async fn project_token(&self, project: &Project, level: AccessLevel) -> TokenMade {
        let owner = self.member(project, AccessLevel::Owner).await;
        let draft = ProjectTokenDraft { token: token_draft("automation"), level };
        self.tokens.create_for_project(&person(owner), &project.id.to_string(), Ok(draft)).await.unwrap()
    }

    /// Returns callers who may not perform an action that requires a personal token and at least the level `least` in
    /// a private project: one per refusal, in the order of the contract, and one per lower level.
    pub async fn refused_in(&self, project: &Project, least: AccessLevel) -> Refused {
        let owner = self.member(project, AccessLevel::Owner).await;
        let bot = self.project_token(project, AccessLevel::Owner).await;
        let mut refused = vec![
            (Caller::Anonymous, Refusal::NotSignedIn),
            (with_scope(self.any_user().await, Scope::ReadUser), Refusal::NotFound(Missing::Project)),
            (job(owner, ABSENT.try_into().unwrap()), Refusal::NotFound(Missing::Project)),
            (with_scope(owner, Scope::ReadApi), Refusal::InsufficientScope),
            (self.admit_token(&bot.secret).await.unwrap(), Refusal::Forbidden),
            (job(owner, project.id), Refusal::Forbidden),
        ];
        for level in AccessLevel::ALL.into_iter().filter(|level| *level < least) {
            refused.push((person(self.member(project, level).await), Refusal::Forbidden));
        }
        refused
    }
}

fn bearer(user: UserId, kind: TokenKind, administrator: bool, scope: Scope) -> Caller {
    let token = ABSENT.try_into().unwrap();
    Caller::Token(Bearer { token, kind, user, administrator, scopes: vec![scope] })
}

/// Returns a user with a personal token with full access.
pub fn person(user: UserId) -> Caller {
    bearer(user, TokenKind::Personal, false, Scope::Api)
}

/// Returns a user with a personal token with this scope.
pub fn with_scope(user: UserId, scope: Scope) -> Caller {
    bearer(user, TokenKind::Personal, false, scope)
}

/// Returns an administrator with a personal token with full access.
pub fn administrator(user: UserId) -> Caller {
    bearer(user, TokenKind::Personal, true, Scope::Api)
}

/// Returns the caller of a user's job in a project.
pub fn job(user: UserId, project: ProjectId) -> Caller {
    bearer(user, TokenKind::Job { project, ends_at: Timestamp::MAX }, false, Scope::Api)
}

pub fn token_draft(name: &str) -> TokenDraft {
    TokenDraft {
        name: name.parse().unwrap(),
        description: None,
        scopes: vec![Scope::Api].try_into().unwrap(),
        expires_on: None,
    }
}

/// Returns invalid parameters.
pub fn faults<T>() -> Result<T, ParameterFaults> {
    Err(ParameterFaults(vec!["something is invalid".to_owned()]))
}

/// Returns the refusal that reports [`faults`].
pub fn reported_faults() -> Refusal {
    Refusal::Parameters(faults::<()>().unwrap_err())
}

/// Asserts that a request was refused with this refusal.
#[track_caller]
pub fn assert_refused<T>(outcome: Result<T, Refusal>, expected: &Refusal) {
    assert_eq!(format!("{:?}", outcome.err()), format!("{:?}", Some(expected)));
}

/// As [`assert_refused`], for one of several callers; a failure names the caller.
#[track_caller]
pub fn assert_refused_to<T>(caller: &Caller, outcome: Result<T, Refusal>, expected: &Refusal)
where
    T: Debug,
{
    assert_eq!(format!("{:?}", outcome.err()), format!("{:?}", Some(expected)), "{caller:?}");
}
