//! The data that cases start from: users, groups, projects and releases, created through the ports alone.

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Admission, Reader};
use release_links_domain::history::Origin;
use release_links_domain::link::{
    AssetSize, Candidate, Change, Link, LinkChanges, LinkFields, LinkType, OnConflict, Outcome,
};
use release_links_domain::namespace::Group;
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::release::{Release, SentLinks};
use release_links_domain::token::Scope;
use release_links_domain::user::User;
use release_links_domain::{LinkId, NamespaceId, ProjectId, ReleaseId, UserId};
use release_links_ports::{
    BatchedPage, IfExists, NewGroup, NewMember, NewProject, NewRelease, NewToken, NewUser, Page, PageRequest,
    ReleaseKey, TokenDigest,
};
use tokio::task::JoinSet;

use crate::{Database, Storage};

/// A database and a store on it.
pub struct Scene {
    database: Arc<dyn Database>,
    pub store: Storage,
}

/// A project in a user's namespace, with a release that has no links.
pub struct Start {
    pub owner: User,
    pub project: Project,
    pub release: Release,
}

impl Scene {
    pub fn new(database: Arc<dyn Database>) -> Self {
        let store = database.connect();
        Self { database, store }
    }

    /// Opens another store on the same database.
    pub fn another_store(&self) -> Storage {
        self.database.connect()
    }

    /// Waits until [another store](Self::another_store) must see what this one has committed.
    pub fn settle(&self) {
        self.database.settle();
    }

    /// Replaces the store with a new one on the same database.
    pub fn reopened(self) -> Self {
        let Self { database, store } = self;
        drop(store);
        Self::new(database)
    }

    /// Runs `write` many times concurrently, alternating between two stores.
    pub async fn race<T, F>(&self, write: impl Fn(Storage, usize) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let other = self.another_store();
        let mut racers = JoinSet::new();
        for index in 0..50 {
            let store = if index % 2 == 0 { self.store.clone() } else { other.clone() };
            racers.spawn(write(store, index));
        }
        let outcomes = racers.join_all().await;
        self.settle();
        outcomes
    }

    pub async fn start(&self) -> Start {
        let owner = self.user("ada").await;
        let project = self.project(self.own_namespace(owner.id).await, "hello", owner.id).await;
        let release = self.release(project.id, "v1.0", Vec::new()).await;
        let project = self.project_now(project.id).await;
        Start { owner, project, release }
    }

    pub async fn user(&self, username: &str) -> User {
        self.store.users.create(new_user(username)).await.unwrap()
    }

    pub async fn own_namespace(&self, user: UserId) -> NamespaceId {
        self.store.projects.namespace(None, user).await.unwrap().unwrap().namespace.id
    }

    pub async fn group(&self, path: &str, parent: Option<NamespaceId>) -> Group {
        self.store.groups.create(new_group(path, parent)).await.unwrap()
    }

    pub async fn project(&self, namespace: NamespaceId, path: &str, creator: UserId) -> Project {
        self.store.projects.create(new_project(namespace, path, creator)).await.unwrap()
    }

    pub async fn project_now(&self, project: ProjectId) -> Project {
        let view = self.store.projects.get(&ProjectRef::Id(project), reader(None)).await.unwrap().unwrap();
        view.found.unwrap().project
    }

    pub async fn project_member(&self, project: ProjectId, user: UserId, level: AccessLevel) {
        let member = NewMember { source: project, user, level, created_at: at(5) };
        self.store.members.add_to_project(member).await.unwrap();
    }

    pub async fn group_member(&self, group: NamespaceId, user: UserId, level: AccessLevel) {
        let member = NewMember { source: group, user, level, created_at: at(5) };
        self.store.members.add_to_group(member).await.unwrap();
    }

    pub async fn release(&self, project: ProjectId, tag: &str, links: Vec<LinkFields>) -> Release {
        self.made(NewRelease { links: links.into(), ..new_release(project, tag) }).await
    }

    /// Creates a release and returns it.
    pub async fn made(&self, new: NewRelease) -> Release {
        let (release, outcome) = self.store.releases.create(new).await.unwrap();
        assert_eq!(outcome, Outcome::Created);
        release
    }

    pub async fn link(&self, project: ProjectId, release: ReleaseId, fields: LinkFields) -> Link {
        self.store.links.create(project, release, fields.into(), Some(OnConflict::Fail), origin()).await.unwrap().0
    }

    pub async fn found_link(&self, key: &ReleaseKey, link: LinkId) -> Option<Link> {
        self.store.links.get(key, link).await.unwrap().unwrap().found
    }

    pub async fn links(&self, key: &ReleaseKey, page: u64, per_page: u64) -> Page<Link> {
        let wanted = PageRequest { page, per_page };
        let found = self.store.links.list(key, wanted).await.unwrap().unwrap().found.unwrap();
        let BatchedPage { batch, total, has_next } = found;
        assert_eq!(batch.rest, []);
        Page { rows: batch.rows, total, has_next }
    }
}

/// Returns a time some seconds after a fixed day, so that times differ where they should.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// Returns the origin of what an operator writes.
pub fn origin() -> Origin {
    origin_at(7)
}

/// Returns the origin of what an operator writes some seconds after a fixed day.
pub fn origin_at(second: i64) -> Origin {
    Origin::operator(at(second))
}

pub fn by_id(project: &Project) -> ProjectRef {
    ProjectRef::Id(project.id)
}

/// Returns a reader who can see everything, so that only storage decides what is found; the level is still the user's
/// own.
pub fn reader(user: Option<UserId>) -> Reader {
    Reader { user, administrator: true, only: None, admission: Admission::SeeProject }
}

/// Returns the key of a tag's release, for an anonymous reader who can see everything.
pub fn key(project: &Project, tag: &str) -> ReleaseKey {
    ReleaseKey { project: by_id(project), tag: tag.to_owned(), reader: reader(None) }
}

pub fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.parse().unwrap(),
        name: format!("The user {username}"),
        email: format!("{username}@example.com").parse().unwrap(),
        administrator: false,
        created_at: at(0),
    }
}

pub fn new_group(path: &str, parent: Option<NamespaceId>) -> NewGroup {
    NewGroup {
        name: format!("Group {path}").parse().unwrap(),
        path: path.parse().unwrap(),
        parent,
        description: None,
        visibility: Visibility::Internal,
        owner: None,
        created_at: at(1),
    }
}

pub fn new_project(namespace: NamespaceId, path: &str, creator: UserId) -> NewProject {
    NewProject {
        name: format!("Project {path}").parse().unwrap(),
        path: path.parse().unwrap(),
        namespace,
        description: None,
        default_branch: BranchName::default(),
        topics: Topics::default(),
        visibility: Visibility::Private,
        releases: ReleasesAccess::Enabled,
        creator,
        created_at: at(2),
    }
}

pub fn new_release(project: ProjectId, tag: &str) -> NewRelease {
    NewRelease {
        project,
        tag: tag.parse().unwrap(),
        name: None,
        description: None,
        tag_message: None,
        target: None,
        created_at: at(3),
        released_at: at(4),
        author: None,
        token: None,
        links: SentLinks::default(),
        if_exists: IfExists::Fail,
    }
}

pub fn new_token(digest: u8) -> NewToken {
    NewToken {
        name: "automation".to_owned(),
        description: Some("Publishes.\nNightly.".parse().unwrap()),
        scopes: vec![Scope::ReadApi, Scope::Api],
        expires_on: Some(jiff::civil::date(2031, 2, 3)),
        digest: TokenDigest([digest; 32]),
        created_at: at(6),
    }
}

/// Returns a link with this name and a URL derived from another word.
pub fn fields(name: &str, url: &str, path: Option<&str>) -> LinkFields {
    LinkFields {
        name: name.parse().unwrap(),
        url: format!("https://files.example.com/{url}").parse().unwrap(),
        path: path.map(|path| path.parse().unwrap()),
        link_type: LinkType::Other,
        digest: Some(format!("sha256:{}", "5".repeat(64)).parse().unwrap()),
        size: Some(AssetSize::MAX.try_into().unwrap()),
    }
}

/// Returns a link that conflicts with none of another word.
pub fn plain(word: &str) -> LinkFields {
    fields(word, word, None)
}

/// Returns the changes that set a link to exactly these values.
pub fn set_to(fields: &LinkFields) -> LinkChanges {
    LinkChanges {
        name: Some(fields.name.clone()),
        url: Some(fields.url.clone()),
        path: fields.path.clone().map_or(Change::Clear, Change::Set),
        link_type: Some(fields.link_type),
        digest: fields.digest.clone().map_or(Change::Clear, Change::Set),
        size: fields.size.map_or(Change::Clear, Change::Set),
    }
}

pub fn candidate(fields: &LinkFields) -> Candidate {
    Candidate::from(fields)
}
