//! Who is redirected, and where to if the project has moved.

use jiff::Timestamp;
use release_links_domain::access::AccessLevel;
use release_links_domain::link::{Link, LinkDraft};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{Bearer, Scope, TokenKind};
use release_links_ports::{
    DatabaseKey, MockClock, MockLinkRepository, MockProjectRepository, MockReleaseRepository, ProjectFacts, ProjectView,
};

use super::*;

fn project(visibility: Visibility, releases: ReleasesAccess, moved: bool) -> ProjectFacts {
    let rules = ProjectRules { visibility, archived: false, releases };
    ProjectFacts { id: 7.try_into().unwrap(), full_path: "group/new".parse().unwrap(), rules, moved }
}

fn bearer(kind: TokenKind, scope: Scope) -> Caller {
    Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind,
        user: 2.try_into().unwrap(),
        administrator: false,
        scopes: vec![scope],
    })
}

/// Returns the operations on a storage with one project, which answers a single read per operation.
fn permanent(project: &ProjectFacts, level: Option<AccessLevel>) -> PermanentLinks {
    let draft = LinkDraft { name: Some("a".into()), url: Some("http://a.example".into()), ..LinkDraft::default() };
    let fields = draft.parse().accept(release_links_domain::link::LinkConflict::NONE).unwrap();
    let link = Link { id: 3.try_into().unwrap(), fields };
    let link = ProjectView { project: project.clone(), level, found: Some(link) };
    let tag = ProjectView { project: project.clone(), level, found: Some("v1".parse().unwrap()) };
    let (mut links, mut releases, mut clock) =
        (MockLinkRepository::new(), MockReleaseRepository::new(), MockClock::new());
    let by_path = link.clone();
    links.expect_get_by_path().times(1).returning(move |_, _| Ok(Some(by_path.clone())));
    links
        .expect_get_selected_by_path()
        .times(1)
        .returning(move |_, _, _, _, _| Ok(Some(link.clone().map(|link| ("v1".parse().unwrap(), link)))));
    releases.expect_selected().times(1).returning(move |_, _, _, _| Ok(Some(tag.clone())));
    clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
    let projects = Arc::new(MockProjectRepository::new());
    let tickets = Tickets::new(DatabaseKey([0; 32]), "https://links.example".parse().unwrap(), projects);
    PermanentLinks::new(Arc::new(links), Arc::new(releases), tickets, Arc::new(clock))
}

/// Returns the outcome of each operation as text: the target, or the refusal.
async fn outcomes(permanent: &PermanentLinks, caller: &Caller) -> [String; 3] {
    let address = ReleaseAddress { project: "group/old".to_owned(), tag: "v1".to_owned() };
    let describe = |outcome: Result<Asset, Refusal>| match outcome {
        Ok(Asset::Link { fields, .. }) => fields.url.to_string(),
        Ok(Asset::Checksums(file)) => file,
        Err(refusal) => refusal.to_string(),
    };
    let preferences = Preferences::default();
    let newest = permanent.newest(caller, "group/old", "latest", preferences).await;
    let asset = permanent.follow_newest(caller, "group/old", "latest", preferences, "/a", Ok(AssetNames::Name)).await;
    [
        describe(permanent.follow(caller, &address, "/a", Ok(AssetNames::Name)).await),
        describe(asset.map(|(_, asset)| asset)),
        newest.map_or_else(|no| no.to_string(), |newest| format!("{} {}", newest.full_path, newest.tag)),
    ]
}

#[tokio::test]
async fn each_redirect_requires_access_to_the_links() {
    use ReleasesAccess::{Disabled, Enabled, Private};
    let own_job = TokenKind::Job { project: 7.try_into().unwrap(), ends_at: Timestamp::MAX };
    let other_job = TokenKind::Job { project: 8.try_into().unwrap(), ends_at: Timestamp::MAX };
    let hidden = Refusal::NotFound(Missing::Project).to_string();
    let (forbidden, scope) = (Refusal::Forbidden.to_string(), Refusal::InsufficientScope.to_string());
    let user = || bearer(TokenKind::Personal, Scope::ReadApi);
    let guest = Some(AccessLevel::Guest);
    for (caller, level, visibility, releases, refusal) in [
        (Caller::Anonymous, None, Visibility::Public, Enabled, None),
        (Caller::Anonymous, None, Visibility::Internal, Enabled, Some(&hidden)),
        (Caller::Anonymous, None, Visibility::Private, Enabled, Some(&hidden)),
        (Caller::Anonymous, None, Visibility::Public, Private, Some(&forbidden)),
        (user(), None, Visibility::Internal, Enabled, None),
        (user(), None, Visibility::Private, Enabled, Some(&hidden)),
        (user(), guest, Visibility::Private, Enabled, None),
        (user(), guest, Visibility::Private, Private, None),
        (user(), guest, Visibility::Private, Disabled, Some(&forbidden)),
        (bearer(TokenKind::Personal, Scope::ReadUser), guest, Visibility::Private, Enabled, Some(&scope)),
        (bearer(own_job, Scope::ReadUser), guest, Visibility::Private, Enabled, None),
        (bearer(other_job, Scope::ReadUser), guest, Visibility::Public, Enabled, Some(&hidden)),
    ] {
        let project = project(visibility, releases, false);
        let outcomes = outcomes(&permanent(&project, level), &caller).await;
        let expected =
            refusal.map_or(["http://a.example", "http://a.example", "group/new v1"], |why| [why.as_str(); 3]);
        assert_eq!(outcomes, expected, "{caller:?} {level:?} {visibility:?} {releases:?}");
    }
}

#[tokio::test]
async fn an_old_path_redirects_straight_to_an_asset_but_otherwise_to_the_new_path() {
    let project = project(Visibility::Public, ReleasesAccess::Enabled, true);
    let outcomes = outcomes(&permanent(&project, None), &Caller::Anonymous).await;
    assert_eq!(outcomes, ["http://a.example", "http://a.example", "project 7 has moved to group/new"]);
}

#[tokio::test]
async fn an_old_path_reveals_nothing_about_a_hidden_project() {
    let project = project(Visibility::Private, ReleasesAccess::Enabled, true);
    let outcomes = outcomes(&permanent(&project, None), &Caller::Anonymous).await;
    assert_eq!(outcomes, [(); 3].map(|()| Refusal::NotFound(Missing::Project).to_string()));
}
