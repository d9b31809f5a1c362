//! Who learns what of a history, on storage in memory.

use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, Admission};
use release_links_domain::history::{HistoryAction, Origin};
use release_links_domain::link::LinkDraft;
use release_links_domain::project::{BranchName, Project, ProjectRef, ReleasesAccess, Topics, Visibility};
use release_links_domain::release::SentLinks;
use release_links_domain::token::{Bearer, Scope, TokenKind};
use release_links_domain::user::User;
use release_links_memory::MemoryStore;
use release_links_ports::{IfExists, MockClock, NewMember, NewProject, NewRelease, NewUser, Storage};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn bearer(user: &User) -> Caller {
    Caller::Token(Bearer {
        token: 9.try_into().unwrap(),
        kind: TokenKind::Personal,
        user: user.id,
        administrator: false,
        scopes: vec![Scope::ReadApi],
    })
}

async fn user(storage: &Storage, name: &str) -> User {
    let new = NewUser {
        username: name.parse().unwrap(),
        name: name.to_owned(),
        email: format!("{name}@example.com").parse().unwrap(),
        administrator: false,
        created_at: at(0),
    };
    storage.users.create(new).await.unwrap()
}

/// Creates a user with a public project, of which a release with one link was created by that user.
async fn populate(storage: &Storage) -> (User, Project) {
    let ada = user(storage, "ada").await;
    let namespace = storage.projects.namespace(None, ada.id).await.unwrap().unwrap().namespace.id;
    let new = NewProject {
        name: "Hello".parse().unwrap(),
        path: "hello".parse().unwrap(),
        namespace,
        description: None,
        default_branch: BranchName::default(),
        topics: Topics::default(),
        visibility: Visibility::Public,
        releases: ReleasesAccess::Enabled,
        creator: ada.id,
        created_at: at(1),
    };
    let project = storage.projects.create(new).await.unwrap();
    let draft = LinkDraft { name: Some("a".into()), url: Some("http://a".into()), ..LinkDraft::default() };
    let new = NewRelease {
        project: project.id,
        tag: "v1".parse().unwrap(),
        name: None,
        description: None,
        tag_message: None,
        target: None,
        created_at: at(2),
        released_at: at(2),
        author: Some(ada.id),
        token: 9.try_into().ok(),
        links: SentLinks::parse(vec![draft]).unwrap(),
        if_exists: IfExists::Fail,
    };
    storage.releases.create(new).await.unwrap();
    (ada, project)
}

fn address(project: &Project) -> ReleaseAddress {
    ReleaseAddress { project: project.full_path.to_string(), tag: "v1".to_owned() }
}

#[tokio::test]
async fn only_developers_learn_who_changed_something() {
    let storage = Storage::of(MemoryStore::default());
    let (ada, project) = populate(&storage).await;
    let history = History::new(storage.history.clone());
    let [reporter, developer] = [user(&storage, "bob").await, user(&storage, "eve").await];
    for (user, level) in [(&reporter, AccessLevel::Reporter), (&developer, AccessLevel::Developer)] {
        let member = NewMember { source: project.id, user: user.id, level, created_at: at(3) };
        storage.members.add_to_project(member).await.unwrap();
    }
    for (caller, expected) in
        [(Caller::Anonymous, false), (bearer(&reporter), false), (bearer(&developer), true), (bearer(&ada), true)]
    {
        let filter = HistoryFilter::default();
        let of_release =
            history.of_release(&caller, &address(&project), filter.clone(), PageRequest::default()).await.unwrap();
        let of_project = history.of_project(&caller, "ada/hello", filter, PageRequest::default()).await.unwrap();
        assert_eq!(of_release, of_project);
        let actors: Vec<_> = of_release.page.rows.into_iter().map(|row| row.actor).collect();
        assert_eq!(actors.len(), 2);
        for actor in actors {
            let named = actor.map(|actor| (actor.user, actor.username, actor.token.is_some()));
            assert_eq!(named, expected.then(|| (Some(ada.id), Some("ada".to_owned()), true)));
        }
    }
}

#[tokio::test]
async fn a_release_that_does_not_exist_has_no_history() {
    let storage = Storage::of(MemoryStore::default());
    let (_, project) = populate(&storage).await;
    let history = History::new(storage.history.clone());
    let nowhere = ReleaseAddress { tag: "v2".to_owned(), ..address(&project) };
    let (filter, page) = (HistoryFilter::default(), PageRequest::default());
    let refused = history.of_release(&Caller::Anonymous, &nowhere, filter, page).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Link))), "{refused:?}");
    let refused = history.led_at(&Caller::Anonymous, &nowhere, "/a", at(9)).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Link))), "{refused:?}");
}

fn local(storage: &Storage) -> LocalHistory {
    let mut clock = MockClock::new();
    clock.expect_now().returning(|| at(50));
    LocalHistory::new(storage.releases.clone(), storage.history.clone(), Arc::new(clock))
}

#[tokio::test]
async fn an_operator_thaws_a_release_that_is_immutable_and_no_other() {
    let storage = Storage::of(MemoryStore::default());
    let (ada, project) = populate(&storage).await;
    let reader = bearer(&ada).reader(Admission::ReadReleases);
    let tag = "v1".parse().ok();
    let found = storage.releases.load_for_write(&ProjectRef::Id(project.id), reader, tag).await.unwrap().unwrap();
    let release = found.found.unwrap().release.unwrap();
    let local = local(&storage);
    for (project, tag, expected) in [
        ("ada/hello", "v1", "the release \"v1\" is not immutable"),
        ("ada/hello", "v2", "the project \"ada/hello\" has no release \"v2\""),
        ("ada/hello", "", "the project \"ada/hello\" has no release \"\""),
        ("ada/nothing", "v1", "there is no project \"ada/nothing\""),
        ("", "v1", "there is no project \"\""),
    ] {
        assert_eq!(local.thaw(project, tag).await.unwrap_err().to_string(), expected);
    }
    storage.releases.set_immutable(project.id, release, true, Origin::operator(at(9))).await.unwrap();
    local.thaw("ada/hello", "v1").await.unwrap();
    let history = History::new(storage.history.clone());
    let page = PageRequest::default();
    let rows = history.of_project(&bearer(&ada), "ada/hello", HistoryFilter::default(), page).await.unwrap().page.rows;
    let actions: Vec<_> = rows.iter().map(|row| row.event.action()).collect();
    assert_eq!(actions[..2], [HistoryAction::ReleaseThaw, HistoryAction::ReleaseImmutable]);
    assert_eq!(rows[0].at, at(50));
}

#[tokio::test]
async fn an_operator_drops_older_rows_of_all_histories() {
    let storage = Storage::of(MemoryStore::default());
    let (ada, _) = populate(&storage).await;
    let local = local(&storage);
    assert_eq!(local.prune(at(2)).await.unwrap(), 0);
    assert_eq!(local.prune(at(3)).await.unwrap(), 2);
    assert_eq!(local.prune(at(3)).await.unwrap(), 0);
    let history = History::new(storage.history.clone());
    let (filter, page) = (HistoryFilter::default(), PageRequest::default());
    let rows = history.of_project(&bearer(&ada), "ada/hello", filter, page).await.unwrap().page.rows;
    let actions: Vec<_> = rows.iter().map(|row| (row.seq, row.event.action())).collect();
    assert_eq!(actions, [(3, HistoryAction::HistoryPrune)]);
}
