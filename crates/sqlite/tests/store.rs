//! What the storage contract does not cover: connections, cascades and corrupt rows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use release_links_contract::Storage;
use release_links_domain::access::{Admission, Reader};
use release_links_domain::channel::{ChannelName, Selection};
use release_links_domain::history::Origin;
use release_links_domain::link::{LinkConflict, LinkDraft, LinkFields, OnConflict};
use release_links_domain::newest::Ranking;
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::release::Release;
use release_links_domain::token::Scope;
use release_links_domain::{LinkId, UserId};
use release_links_ports::{
    IfExists, NewGroup, NewProject, NewRelease, NewToken, NewUser, PageRequest, ReleaseKey, StoreError, TokenDigest,
    WriteError,
};
use release_links_sqlite::SqliteStore;
use release_links_sqlite::limits::LEASE;
use rusqlite::Connection;
use tempfile::TempDir;

/// A store with a user, a group, a project in it, and a release with a link; and a separate connection to the file.
struct Bench {
    store: SqliteStore,
    ports: Storage,
    raw: Connection,
    path: PathBuf,
    user: UserId,
    project: Project,
    release: Release,
    _directory: TempDir,
}

fn origin() -> Origin {
    Origin::operator(Timestamp::from_second(1_700_000_000).unwrap())
}

fn wait<T>(outcome: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(outcome)
}

fn day() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

impl Bench {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("data/store.db");
        let store = SqliteStore::open(&path).unwrap();
        let raw = Connection::open(&path).unwrap();
        raw.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        let ports = Storage::of(store.clone());
        let (user, project, release) = wait(populate(&ports));
        Self { store, ports, raw, path, user, project, release, _directory: directory }
    }

    fn reader(&self) -> Reader {
        Reader { user: Some(self.user), administrator: false, only: None, admission: Admission::ReadReleases }
    }

    fn key(&self) -> ReleaseKey {
        ReleaseKey { project: ProjectRef::Id(self.project.id), tag: "v1.0".to_owned(), reader: self.reader() }
    }

    fn link(&self) -> LinkId {
        self.release.links[0].id
    }

    /// Runs a statement as another process would, and waits until the store sees it.
    fn execute(&self, sql: &str, params: impl rusqlite::Params) {
        self.raw.execute(sql, params).unwrap();
        std::thread::sleep(LEASE);
    }

    fn count(&self, table: &str) -> i64 {
        self.raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    fn project_at(&self, path: &str) -> Option<(Project, bool)> {
        let named = ProjectRef::Path(path.parse().unwrap());
        let view = wait(self.ports.projects.get(&named, self.reader())).unwrap();
        view.map(|view| (view.found.unwrap().project, view.project.moved))
    }
}

async fn populate(ports: &Storage) -> (UserId, Project, Release) {
    let user = NewUser {
        username: "ada".parse().unwrap(),
        name: "Ada".to_owned(),
        email: "ada@example.com".parse().unwrap(),
        administrator: false,
        created_at: day(),
    };
    let token = NewToken {
        name: "t".to_owned(),
        description: None,
        scopes: vec![Scope::Api],
        expires_on: None,
        digest: TokenDigest([1; 32]),
        created_at: day(),
    };
    let user = ports.users.create_first(user, token).await.unwrap().unwrap().id;
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
    let release = NewRelease {
        project: project.id,
        tag: "v1.0".parse().unwrap(),
        name: None,
        description: None,
        tag_message: None,
        target: None,
        created_at: day(),
        released_at: day(),
        author: Some(user),
        token: None,
        links: vec![plain("a")].into(),
        if_exists: IfExists::Fail,
    };
    (user, project, ports.releases.create(release).await.unwrap().0)
}

fn new_project(namespace: release_links_domain::NamespaceId, path: &str, creator: UserId) -> NewProject {
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

fn plain(word: &str) -> LinkFields {
    let (name, url) = (Some(word.to_owned()), Some(format!("https://files.example.com/{word}")));
    LinkDraft { name, url, ..LinkDraft::default() }.parse().accept(LinkConflict::NONE).unwrap()
}

#[test]
fn a_corrupt_row_is_reported_with_table_column_and_id() {
    let bench = Bench::new();
    let link = bench.link().get();
    for (column, value) in [("name", "' '"), ("url", "'file:///x'"), ("path", "'x'"), ("link_type", "'Image'")] {
        bench.execute(&format!("UPDATE links SET {column} = {value}"), []);
        let refused = wait(bench.ports.links.get(&bench.key(), bench.link())).unwrap_err();
        assert_eq!(refused.to_string(), format!("corrupt value in links.{column}, row {link}"));
        let whole = "UPDATE links SET name = 'a', url = 'https://a', path = NULL, link_type = 'other'";
        bench.execute(whole, []);
    }
    bench.execute("UPDATE links SET name = CAST(x'ff' AS TEXT)", []);
    let refused = wait(bench.ports.links.list(&bench.key(), PageRequest::default())).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { table: "links", column: "name", .. }), "{refused:?}");
}

#[test]
fn no_redirect_leads_to_a_scheme_that_is_not_allowed() {
    let bench = Bench::new();
    bench.execute("UPDATE links SET path = '/bin/a', url = 'javascript:alert(1)'", []);
    let (links, project) = (&bench.ports.links, ProjectRef::Id(bench.project.id));
    let selection = Selection { channel: Some(ChannelName::latest()), ranking: Some(Ranking::BY_DATE) };
    let newest = wait(links.get_selected_by_path(&project, bench.reader(), selection, day(), "/bin/a"));
    for refused in [wait(links.get_by_path(&bench.key(), "/bin/a")).map(drop), newest.map(drop)] {
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "links", column: "url", .. })), "{refused:?}");
    }
}

#[test]
fn a_token_of_unknown_kind_is_corrupt() {
    let bench = Bench::new();
    for change in ["kind = 'session'", "kind = 'job'", "kind = 'project'", "scopes = 'api root'"] {
        bench.execute(&format!("UPDATE tokens SET {change}"), []);
        let refused = wait(bench.ports.credentials.find(&TokenDigest([1; 32]))).unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { table: "tokens", row: 1, .. }), "{change}: {refused:?}");
        bench.execute("UPDATE tokens SET kind = 'personal', project_id = NULL", []);
    }
}

#[test]
fn a_project_token_is_revoked_once_its_bot_is_not_a_member() {
    let bench = Bench::new();
    bench.execute("UPDATE tokens SET kind = 'project', project_id = ?1", [bench.project.id.get()]);
    let is_revoked = || wait(bench.ports.credentials.find(&TokenDigest([1; 32]))).unwrap().unwrap().revoked;
    assert!(is_revoked());
    let join = "INSERT INTO project_members (project_id, user_id, level, created_at) VALUES (?1, ?2, 30, 0)";
    bench.execute(join, [bench.project.id.get(), bench.user.get()]);
    assert!(!is_revoked());
    bench.execute("DELETE FROM project_members", []);
    assert!(is_revoked());
}

#[test]
fn a_change_by_another_client_is_visible_in_the_next_call() {
    let bench = Bench::new();
    let find = || wait(bench.ports.credentials.find(&TokenDigest([1; 32]))).unwrap();
    assert!(!find().unwrap().revoked);
    bench.execute("UPDATE tokens SET revoked = 1", []);
    assert!(find().unwrap().revoked);
    bench.execute("UPDATE users SET administrator = 1", []);
    assert!(find().unwrap().administrator);
    bench.execute("DELETE FROM users", []);
    assert_eq!(find(), None);
}

#[test]
fn deleting_a_project_deletes_its_tags_releases_and_links() {
    let bench = Bench::new();
    assert!(bench.raw.execute("DELETE FROM tags", []).is_err(), "a tag with a release");
    bench.execute("DELETE FROM projects", []);
    assert_eq!(["tags", "releases", "links", "project_members"].map(|table| bench.count(table)), [0; 4]);
}

#[test]
fn deleting_a_group_deletes_its_projects() {
    let bench = Bench::new();
    bench.execute("DELETE FROM namespaces WHERE user_id IS NULL", []);
    assert_eq!(["projects", "tags", "releases", "links", "group_members"].map(|table| bench.count(table)), [0; 5]);
    assert_eq!((bench.count("namespaces"), bench.count("namespace_ancestors")), (1, 1));
}

#[test]
fn releases_of_a_deleted_user_have_no_author() {
    let bench = Bench::new();
    bench.execute("DELETE FROM users", []);
    assert_eq!(["group_members", "tokens"].map(|table| bench.count(table)), [0; 2]);
    let release = wait(bench.ports.releases.get(&bench.key())).unwrap().unwrap().found.unwrap();
    assert_eq!(release, Release { author: None, ..bench.release.clone() });
    assert_eq!(bench.project_at("group/hello").unwrap().0.creator, None);
}

#[test]
fn a_former_address_leads_to_its_project_until_another_takes_it() {
    let bench = Bench::new();
    let left = "INSERT INTO left_places (below, segment, project_id, since)
        VALUES (?1, 'Old', ?2, 0), (?1, 'hello', ?2, 0), (0, 'Whole/Old', ?2, 0)";
    bench.execute(left, [bench.project.namespace.id.get(), bench.project.id.get()]);
    assert_eq!(bench.project_at("whole/old"), Some((bench.project.clone(), true)));
    assert_eq!(bench.project_at("GROUP/old"), Some((bench.project.clone(), true)));
    assert_eq!(bench.project_at("group/hello"), Some((bench.project.clone(), false)));
    let taker = new_project(bench.project.namespace.id, "old", bench.user);
    let taker = wait(bench.ports.projects.create(taker)).unwrap();
    assert_eq!(bench.project_at("group/old"), Some((taker.clone(), false)));
}

#[test]
fn a_write_without_the_lock_is_unavailable() {
    let bench = Bench::new();
    bench.raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = wait(bench.ports.links.create(
        bench.project.id,
        bench.release.id,
        plain("b").into(),
        Some(OnConflict::Fail),
        origin(),
    ));
    assert!(matches!(refused, Err(WriteError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    bench.raw.execute_batch("ROLLBACK").unwrap();
    wait(bench.ports.links.create(
        bench.project.id,
        bench.release.id,
        plain("b").into(),
        Some(OnConflict::Fail),
        origin(),
    ))
    .unwrap();
}

#[test]
fn a_closed_store_is_unavailable_and_leaves_no_log() {
    let bench = Bench::new();
    drop(bench.raw);
    bench.store.close();
    bench.store.close();
    let read = wait(bench.ports.health.ping());
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let write = wait(bench.ports.links.create(
        bench.project.id,
        bench.release.id,
        plain("b").into(),
        Some(OnConflict::Fail),
        origin(),
    ));
    assert!(matches!(write, Err(WriteError::Store(StoreError::Unavailable(_)))), "{write:?}");
    let files: Vec<_> = fs::read_dir(bench.path.parent().unwrap()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files, [bench.path]);
}

/// Hides the project like a deletion that crashes before it deletes rows.
fn crash_while_removing(bench: &Bench) {
    let id = bench.project.id.get();
    bench.store.close();
    bench.execute("UPDATE projects SET namespace_id = NULL WHERE id = ?1", [id]);
    bench.execute("INSERT INTO removals (kind, target_id) VALUES ('project', ?1)", [id]);
    let links = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000)
        INSERT INTO links (project_id, release_id, name, url, link_type)
        SELECT ?1, ?2, 'n' || n, 'https://a/' || n, 'other' FROM c";
    bench.execute(links, [id, bench.release.id.get()]);
}

#[test]
fn sweeping_resumes_after_a_crash_between_other_writes() {
    let bench = Bench::new();
    crash_while_removing(&bench);
    let ports = Storage::of(SqliteStore::open(&bench.path).unwrap());
    let home = wait(ports.projects.namespace(None, bench.user)).unwrap().unwrap().namespace.id;
    // One step of sweeping runs between two consecutive writes.
    let mut writes = 0;
    while bench.count("removals") > 0 {
        wait(ports.projects.create(new_project(home, &format!("p{writes}"), bench.user))).unwrap();
        writes += 1;
        assert!(writes < 100, "{} links left", bench.count("links"));
    }
    assert_eq!(["links", "releases", "tags"].map(|table| bench.count(table)), [0; 3]);
    assert_eq!(bench.count("projects"), writes);
}
