//! The fixture of this adapter's tests: a database with a user, a group, a project in it, and a release with a link.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use release_links_cluster::Cluster;
use release_links_contract::Storage;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::history::Origin;
use release_links_domain::link::{LinkConflict, LinkDraft, LinkFields};
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::release::{Release, SentLinks};
use release_links_domain::token::Scope;
use release_links_domain::user::User;
use release_links_domain::{NamespaceId, ProjectId, UserId};
use release_links_ports::{IfExists, NewGroup, NewProject, NewRelease, NewToken, NewUser, ReleaseKey, TokenDigest};
use release_links_postgres::PostgresStore;
use tokio::runtime::Runtime;

/// Returns a user who reads releases.
pub fn reader(user: UserId) -> Reader {
    Reader { user: Some(user), administrator: false, only: None, admission: Admission::ReadReleases }
}

/// The database server of all tests in a run.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);
static DATABASES: AtomicU32 = AtomicU32::new(0);

pub struct Scene {
    database: String,
    runtime: Runtime,
    pub store: PostgresStore,
    pub ports: Storage,
    pub user: UserId,
    pub project: Project,
    pub release: Release,
}

pub fn day() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

pub fn origin() -> Origin {
    Origin::operator(day())
}

impl Scene {
    pub fn new() -> Self {
        let database = format!("scene_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let url = CLUSTER.create_database(&database);
        let runtime = Runtime::new().unwrap();
        let store = runtime.block_on(PostgresStore::open(&url.parse().unwrap())).unwrap();
        let ports = Storage::of(store.clone());
        let (user, project, release) = runtime.block_on(populate(&ports));
        Self { database, runtime, store, ports, user, project, release }
    }

    /// Opens a further store on the same database.
    pub fn another_store(&self) -> Storage {
        let url = CLUSTER.url(&self.database);
        Storage::of(self.wait(PostgresStore::open(&url.parse().unwrap())).unwrap())
    }

    /// Opens a store on a database with the first schema version and these rows.
    pub fn of_the_first_version(&self, rows: &str) -> Storage {
        let database = format!("{}_first", self.database);
        let url = CLUSTER.create_database(&database);
        CLUSTER.sql(&database, include_str!("../../migrations/V1__initial.sql"));
        let history = "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255),
            applied_on VARCHAR(255), checksum VARCHAR(255))";
        CLUSTER.sql(&database, history);
        let applied =
            "SELECT format('INSERT INTO refinery_schema_history VALUES (%L, %L, %L, %L)', version, name, applied_on,
            checksum) FROM refinery_schema_history WHERE version = 1";
        CLUSTER.sql(&database, &self.sql(applied));
        CLUSTER.sql(&database, rows);
        Storage::of(self.wait(PostgresStore::open(&url.parse().unwrap())).unwrap())
    }

    pub fn wait<T>(&self, outcome: impl Future<Output = T>) -> T {
        self.runtime.block_on(outcome)
    }

    /// Runs a statement as the database administrator, bypassing the store.
    pub fn sql(&self, statement: &str) -> String {
        CLUSTER.sql(&self.database, statement)
    }

    /// Opens a connection of the database administrator.
    pub fn connect(&self) -> tokio_postgres::Client {
        let url = CLUSTER.url(&self.database);
        let (client, connection) = self.wait(tokio_postgres::connect(&url, tokio_postgres::NoTls)).unwrap();
        self.runtime.spawn(connection);
        client
    }

    /// Waits until another session waits for a lock: longer than a sweeper pauses after a failed attempt.
    pub fn wait_for_a_blocked_session(&self) {
        // Within a transaction, PostgreSQL would go on showing the sessions that there were when it was first asked.
        let watcher = self.connect();
        let blocked = "SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1";
        let deadline = Instant::now() + release_links_postgres::limits::SWEEP_INTERVAL + Duration::from_secs(30);
        while self.wait(watcher.query_opt(blocked, &[])).unwrap().is_none() {
            assert!(Instant::now() < deadline, "no session waits for a lock");
        }
    }

    pub fn count(&self, table: &str) -> u64 {
        self.sql(&format!("SELECT count(*) FROM {table}")).parse().unwrap()
    }

    pub fn key(&self) -> ReleaseKey {
        key(self.project.id, "v1.0", self.user)
    }

    pub fn project_at(&self, path: &str) -> Option<(Project, bool)> {
        let named = ProjectRef::Path(path.parse().unwrap());
        let view = self.wait(self.ports.projects.get(&named, reader(self.user))).unwrap();
        view.map(|view| (view.found.unwrap().project, view.project.moved))
    }
}

async fn populate(ports: &Storage) -> (UserId, Project, Release) {
    let user = ports.users.create_first(new_user("ada"), new_token(1)).await.unwrap().unwrap().id;
    let group = NewGroup {
        name: "Group".parse().unwrap(),
        path: "group".parse().unwrap(),
        parent: None,
        description: None,
        visibility: Visibility::Public,
        owner: Some(user),
        created_at: day(),
    };
    let group = ports.groups.create(group).await.unwrap();
    let project = ports.projects.create(new_project(group.id, "hello", user)).await.unwrap();
    let release = NewRelease { author: Some(user), links: vec![plain("a")].into(), ..new_release(project.id, "v1.0") };
    let (release, _) = ports.releases.create(release).await.unwrap();
    (user, project, release)
}

pub fn key(project: ProjectId, tag: &str, user: UserId) -> ReleaseKey {
    ReleaseKey { project: ProjectRef::Id(project), tag: tag.to_owned(), reader: reader(user) }
}

pub fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.parse().unwrap(),
        name: username.to_owned(),
        email: format!("{username}@example.com").parse().unwrap(),
        administrator: username == "ada",
        created_at: day(),
    }
}

pub async fn user(ports: &Storage, username: &str) -> User {
    ports.users.create(new_user(username)).await.unwrap()
}

pub fn new_project(namespace: NamespaceId, path: &str, creator: UserId) -> NewProject {
    NewProject {
        name: path.parse().unwrap(),
        path: path.parse().unwrap(),
        namespace,
        description: None,
        default_branch: BranchName::default(),
        topics: Topics::default(),
        visibility: Visibility::Public,
        releases: ReleasesAccess::Enabled,
        creator,
        created_at: day(),
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
        created_at: day(),
        released_at: day(),
        author: None,
        token: None,
        links: SentLinks::default(),
        if_exists: IfExists::Fail,
    }
}

pub fn digest(number: u8) -> TokenDigest {
    TokenDigest([number; 32])
}

pub fn new_token(number: u8) -> NewToken {
    NewToken {
        name: "t".to_owned(),
        description: None,
        scopes: vec![Scope::Api],
        expires_on: None,
        digest: digest(number),
        created_at: day(),
    }
}

pub fn plain(word: &str) -> LinkFields {
    let (name, url) = (Some(word.to_owned()), Some(format!("https://files.example.com/{word}")));
    LinkDraft { name, url, ..LinkDraft::default() }.parse().accept(LinkConflict::NONE).unwrap()
}
