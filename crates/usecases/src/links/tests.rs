//! The order of refusals on links (docs/contract.md, "Permissions"), and the calls that a refused request must not
//! make: a mock fails on a call that it does not expect.

use std::sync::Arc;

use jiff::Timestamp;
use release_links_domain::LinkId;
use release_links_domain::access::{AccessLevel, Admission, TagCreateLevel, TagRule};
use release_links_domain::link::{
    Change, Link, LinkConflict, LinkDraft, LinkFields, LinkObstacle, LinkPatch, OnConflict, Outcome,
};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{AcceptedTokens, Bearer, Caller, Scope, TokenFacts, TokenKind, TokenRefusal};
use release_links_ports::{
    Batch, BatchedPage, LinkNotCreated, LinkRefused, LinkUpdateError, LinkWriteError, MockClock, MockCredentials,
    MockLinkRepository, MockTokenRepository, PageRequest, Precondition, ProjectFacts, ProjectView, WritableRelease,
};

use super::{LinkShown, ReleaseAddress, ReleaseLinks};
use crate::{Authentication, Claimant, Current, Identified, Missing, Presented, Refusal, TokenUses};

fn caller(scope: Scope) -> Caller {
    Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind: TokenKind::Personal,
        user: 2.try_into().unwrap(),
        administrator: false,
        scopes: vec![scope],
    })
}

fn address() -> ReleaseAddress {
    ReleaseAddress { project: "group/project".into(), tag: "v1".into() }
}

fn view<T>(visibility: Visibility, level: Option<AccessLevel>, found: Option<T>) -> ProjectView<T> {
    ProjectView {
        project: ProjectFacts {
            id: 3.try_into().unwrap(),
            full_path: "group/project".parse().unwrap(),
            rules: ProjectRules { visibility, archived: false, releases: ReleasesAccess::Enabled },
            moved: false,
        },
        level,
        found,
    }
}

fn release(alike: Vec<Link>) -> WritableRelease {
    WritableRelease {
        id: 4.try_into().unwrap(),
        immutable: false,
        rules: Vec::new(),
        on_conflict: OnConflict::Fail,
        links: 0,
        alike,
    }
}

fn draft() -> LinkDraft {
    LinkDraft { name: Some("a".into()), url: Some("http://a".into()), ..LinkDraft::default() }
}

fn link(fields: LinkFields) -> Link {
    Link { id: 5.try_into().unwrap(), fields }
}

fn on(links: MockLinkRepository) -> ReleaseLinks {
    let mut clock = MockClock::new();
    clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
    ReleaseLinks::new(Arc::new(links), Arc::new(clock))
}

fn id() -> LinkId {
    5.try_into().unwrap()
}

/// Returns a repository whose `load_for_write` returns `found`.
fn loading_for_write(found: Option<ProjectView<WritableRelease>>) -> MockLinkRepository {
    let mut links = MockLinkRepository::new();
    links.expect_load_for_write().times(1).return_once(|_, _, _| Ok(found));
    links
}

async fn create(links: MockLinkRepository, caller: &Caller, draft: LinkDraft) -> Result<LinkShown, Refusal> {
    on(links).create(caller, &address(), draft, Some(OnConflict::Fail)).await.map(|(link, _)| link)
}

#[tokio::test]
async fn an_invalid_project_path_is_not_found_without_a_query() {
    let nowhere = ReleaseAddress { project: "99999999999999999999".into(), tag: "v1".into() };
    let links = on(MockLinkRepository::new());
    let refused = links.create(&caller(Scope::Api), &nowhere, draft(), Some(OnConflict::Fail)).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Project))));
}

#[tokio::test]
async fn a_hidden_project_is_reported_before_an_insufficient_scope() {
    for found in [None, Some(view(Visibility::Private, None, Some(release(Vec::new()))))] {
        let refused = create(loading_for_write(found), &caller(Scope::ReadApi), draft()).await;
        assert!(matches!(refused, Err(Refusal::NotFound(Missing::Project))));
    }
}

#[tokio::test]
async fn an_insufficient_scope_is_reported_before_an_unknown_release() {
    let found = view(Visibility::Public, Some(AccessLevel::Owner), None);
    let refused = create(loading_for_write(Some(found)), &caller(Scope::ReadApi), draft()).await;
    assert!(matches!(refused, Err(Refusal::InsufficientScope)));
}

#[tokio::test]
async fn forbidden_releases_are_reported_before_an_unknown_release() {
    let mut found = view(Visibility::Public, Some(AccessLevel::Owner), None);
    found.project.rules.releases = ReleasesAccess::Disabled;
    let refused = create(loading_for_write(Some(found)), &caller(Scope::Api), draft()).await;
    assert!(matches!(refused, Err(Refusal::Forbidden)));
}

#[tokio::test]
async fn an_unknown_release_or_link_is_reported_before_a_missing_right_to_write() {
    let found = || loading_for_write(Some(view(Visibility::Public, None, None)));
    let links = on;
    let patch = LinkPatch { name: Change::Set("b".into()), ..LinkPatch::default() }.parse().unwrap();
    let anonymous = Caller::Anonymous;
    for refused in [
        links(found()).create(&anonymous, &address(), draft(), Some(OnConflict::Fail)).await.map(|(link, _)| link),
        links(found()).update(&anonymous, &address(), Some(id()), patch, Precondition::NONE).await,
        links(found()).delete(&anonymous, &address(), Some(id()), Precondition::NONE).await,
    ] {
        assert!(matches!(refused, Err(Refusal::NotFound(Missing::Link))));
    }
}

#[tokio::test]
async fn a_missing_right_to_write_is_reported_before_invalid_values() {
    let mut found = view(Visibility::Public, Some(AccessLevel::Developer), Some(release(Vec::new())));
    let rule = TagRule {
        id: 1.try_into().unwrap(),
        pattern: "v*".parse().unwrap(),
        create_level: TagCreateLevel::Maintainers,
    };
    found.found.as_mut().unwrap().rules.push(rule);
    let refused = create(loading_for_write(Some(found)), &caller(Scope::Api), LinkDraft::default()).await;
    assert!(matches!(refused, Err(Refusal::Forbidden)));
}

#[tokio::test]
async fn invalid_values_are_reported_with_the_conflicts_of_the_others_and_nothing_is_written() {
    let holder = link(LinkDraft { name: Some("b".into()), ..draft() }.parse().accept(LinkConflict::NONE).unwrap());
    let found = view(Visibility::Private, Some(AccessLevel::Developer), Some(release(vec![holder])));
    let refused =
        create(loading_for_write(Some(found)), &caller(Scope::Api), LinkDraft { name: None, ..draft() }).await;
    let Err(Refusal::InvalidLink(invalid)) = refused else { panic!("{refused:?}") };
    assert_eq!(invalid.faults.sentences(), ["Url has already been taken", "Name can't be blank"]);
}

#[tokio::test]
async fn a_writer_who_loses_a_race_gets_the_conflicts() {
    let found = view(Visibility::Public, Some(AccessLevel::Developer), Some(release(Vec::new())));
    let mut links = loading_for_write(Some(found));
    let taken = LinkConflict { name: Some(id()), ..LinkConflict::NONE };
    links
        .expect_create()
        .return_once(move |_, _, _, _, _| Err(LinkWriteError::Conflict(LinkNotCreated::Faults(taken.into()))));
    let refused = create(links, &caller(Scope::Api), draft()).await;
    let Err(Refusal::InvalidLink(invalid)) = refused else { panic!("{refused:?}") };
    assert_eq!(invalid.faults.sentences(), ["Name has already been taken"]);
    let told = (invalid.faults.taken().name, invalid.project.get(), invalid.tag.as_str());
    assert_eq!(told, (Some(id()), 3, "v1"));
}

#[tokio::test]
async fn a_writer_who_loses_a_race_for_the_last_link_gets_too_many_links() {
    let found = view(Visibility::Public, Some(AccessLevel::Developer), Some(release(Vec::new())));
    let mut links = loading_for_write(Some(found));
    links.expect_create().return_once(|_, _, _, _, _| {
        Err(LinkWriteError::Conflict(LinkNotCreated::Faults(LinkObstacle::TooMany.into())))
    });
    let refused = create(links, &caller(Scope::Api), draft()).await;
    let Err(Refusal::InvalidLink(invalid)) = refused else { panic!("{refused:?}") };
    assert_eq!(invalid.faults.sentences(), ["Links are too many (maximum is 1000)"]);
}

#[tokio::test]
async fn nothing_is_written_to_a_release_that_is_full() {
    let full = WritableRelease { links: Link::MAX_PER_RELEASE, ..release(Vec::new()) };
    let found = view(Visibility::Public, Some(AccessLevel::Developer), Some(full));
    let refused = create(loading_for_write(Some(found)), &caller(Scope::Api), LinkDraft::default()).await;
    let Err(Refusal::InvalidLink(invalid)) = refused else { panic!("{refused:?}") };
    assert_eq!(invalid.faults.sentences(), ["Links are too many (maximum is 1000)"]);
}

#[tokio::test]
async fn a_link_that_is_deleted_during_the_write_is_not_found() {
    let found = || view(Visibility::Public, Some(AccessLevel::Developer), Some(release(Vec::new())));
    let patch = LinkPatch { name: Change::Set("b".into()), ..LinkPatch::default() }.parse().unwrap();
    let mut updating = loading_for_write(Some(found()));
    updating.expect_update().return_once(|_, _, _, _, _, _| Err(LinkUpdateError::Gone));
    let mut deleting = loading_for_write(Some(found()));
    deleting.expect_delete().return_once(|_, _, _, _, _| Err(LinkUpdateError::Gone));
    let by = caller(Scope::Api);
    for refused in [
        on(updating).update(&by, &address(), Some(id()), patch, Precondition::NONE).await,
        on(deleting).delete(&by, &address(), Some(id()), Precondition::NONE).await,
    ] {
        assert!(matches!(refused, Err(Refusal::NotFound(Missing::Link))));
    }
}

#[tokio::test]
async fn a_number_that_is_not_an_id_is_not_found_in_a_readable_release() {
    let found = |visibility| loading_for_write(Some(view(visibility, None, Some(release(Vec::new())))));
    let by = caller(Scope::Api);
    for (visibility, missing) in [(Visibility::Private, Missing::Project), (Visibility::Public, Missing::Link)] {
        let patch = LinkPatch { name: Change::Set("b".into()), ..LinkPatch::default() }.parse().unwrap();
        for refused in [
            on(found(visibility)).get_for(&by, &address(), None).await,
            on(found(visibility)).update(&by, &address(), None, patch, Precondition::NONE).await,
            on(found(visibility)).delete(&by, &address(), None, Precondition::NONE).await,
        ] {
            assert!(matches!(refused, Err(Refusal::NotFound(what)) if what == missing), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_link_is_written_to_the_project_id_that_the_read_returned() {
    let found = view(Visibility::Public, Some(AccessLevel::Developer), Some(release(Vec::new())));
    let mut links = loading_for_write(Some(found));
    links
        .expect_create()
        .withf(|project, release, _, _, _| project.get() == 3 && release.get() == 4)
        .return_once(|_, _, draft, _, _| Ok((link(draft.accept(LinkConflict::NONE).unwrap()), Outcome::Created)));
    let shown = create(links, &caller(Scope::Api), draft()).await.unwrap();
    assert_eq!((shown.project.as_str(), shown.tag.as_str()), ("group/project", "v1"));
}

#[tokio::test]
async fn reading_links_requires_only_access_to_the_project() {
    let mut links = MockLinkRepository::new();
    let batch = Batch { rows: Vec::new(), rest: Vec::new() };
    let page = BatchedPage { batch, total: Some(0), has_next: false };
    links.expect_list().return_once(|_, _| Ok(Some(view(Visibility::Public, None, Some(page)))));
    let links = on(links);
    assert!(links.list(&Caller::Anonymous, &address(), PageRequest::default()).await.is_ok());
}

#[tokio::test]
async fn a_request_by_an_old_path_is_redirected_to_the_new_one() {
    let mut found = view(Visibility::Public, None, None);
    found.project.moved = true;
    let mut links = MockLinkRepository::new();
    links.expect_get().return_once(move |_, _| Ok(Some(found)));
    let read = on(links).get_for(&Caller::Anonymous, &address(), Some(id())).await;
    assert!(matches!(read, Err(Refusal::Moved { .. })));
}

fn facts(revoked: bool) -> TokenFacts {
    TokenFacts {
        id: 1.try_into().unwrap(),
        kind: TokenKind::Personal,
        user: Some(2.try_into().unwrap()),
        administrator: false,
        bot: false,
        scopes: vec![Scope::Api],
        expires_on: None,
        revoked,
    }
}

/// Reads a link with a token, perhaps on behalf of another user.
async fn get(
    credentials: MockCredentials,
    links: MockLinkRepository,
    project: &str,
    sudo: Option<&str>,
) -> Identified<LinkShown> {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
    let uses = Arc::new(TokenUses::new(Arc::new(MockTokenRepository::new())));
    let authentication = Authentication::new(Arc::new(credentials), uses, Arc::new(clock));
    let presented = Some(Presented::Access("secret".to_owned().into()));
    let claimant = Claimant::new(&authentication, presented, sudo.map(ToOwned::to_owned));
    let address = ReleaseAddress { project: project.to_owned(), ..address() };
    on(links).get(claimant, &address, Some(id())).await
}

#[tokio::test]
async fn one_read_finds_the_bearer_of_a_token_and_the_link() {
    let mut links = MockLinkRepository::new();
    links.expect_get_for_bearer().times(1).return_once(|claim, _, _, _| {
        assert_eq!((claim.accepted, claim.admission), (AcceptedTokens::Access, Admission::ReadReleases));
        Ok((Some(facts(false)), Some(view(Visibility::Public, None, None))))
    });
    let (by, link) = get(MockCredentials::new(), links, "group/project", None).await.unwrap();
    assert_eq!(by, caller(Scope::Api));
    assert!(matches!(link, Err(Refusal::NotFound(Missing::Link))), "{link:?}");
}

#[tokio::test]
async fn a_bearer_who_is_refused_gets_nothing_whatever_the_read_found() {
    for (token, expected) in [(None, TokenRefusal::Unknown), (Some(facts(true)), TokenRefusal::Revoked)] {
        let mut links = MockLinkRepository::new();
        let found = view(Visibility::Public, None, Some(link(draft().parse().accept(LinkConflict::NONE).unwrap())));
        links.expect_get_for_bearer().return_once(|_, _, _, _| Ok((token, Some(found))));
        let refused = get(MockCredentials::new(), links, "group/project", None).await;
        assert!(matches!(refused, Err(Refusal::Token(why)) if why == expected), "{refused:?}");
    }
}

#[tokio::test]
async fn the_bearer_is_found_first_to_act_as_somebody_else_or_without_a_project_to_read() {
    let mut credentials = MockCredentials::new();
    credentials.expect_find_with_user().times(1).return_once(|_, _| Ok(Some((facts(false), None))));
    let refused = get(credentials, MockLinkRepository::new(), "group/project", Some("bob")).await;
    assert!(matches!(refused, Err(Refusal::Sudo { .. })), "{refused:?}");
    let mut credentials = MockCredentials::new();
    credentials.expect_find().times(1).return_once(|_| Ok(Some(facts(false))));
    let (_, link) = get(credentials, MockLinkRepository::new(), "no project", None).await.unwrap();
    assert!(matches!(link, Err(Refusal::NotFound(Missing::Project))), "{link:?}");
}

#[tokio::test]
async fn a_job_token_of_another_project_finds_no_project_even_for_an_administrator() {
    let elsewhere = Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind: TokenKind::Job { project: 9.try_into().unwrap(), ends_at: Timestamp::MAX },
        user: 2.try_into().unwrap(),
        administrator: true,
        scopes: Vec::new(),
    });
    let found = view(Visibility::Public, Some(AccessLevel::Owner), Some(release(Vec::new())));
    let refused = create(loading_for_write(Some(found)), &elsewhere, draft()).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Project))));
}

#[tokio::test]
async fn a_precondition_that_does_not_hold_is_reported_before_invalid_values_and_nothing_is_written() {
    let found = view(Visibility::Public, Some(AccessLevel::Developer), Some(release(Vec::new())));
    let mut links = loading_for_write(Some(found));
    let current = link(draft().parse().accept(LinkConflict::NONE).unwrap());
    let read = view(Visibility::Public, Some(AccessLevel::Developer), Some(current.clone()));
    links.expect_get().return_once(move |_, _| Ok(Some(read)));
    let patch = LinkPatch { name: Change::Clear, ..LinkPatch::default() }.parse().unwrap();
    let never = Precondition::new(|_: &LinkShown| false);
    let links = on(links);
    let refused = links.update(&caller(Scope::Api), &address(), Some(id()), patch, never).await;
    let Err(Refusal::PreconditionFailed(told)) = refused else { panic!("{refused:?}") };
    let Current::Link { link: told, .. } = *told else { panic!("{told:?}") };
    assert_eq!(told, current);
}

#[tokio::test]
async fn a_link_that_stays_as_it_is_is_not_written() {
    let there = link(draft().parse().accept(LinkConflict::NONE).unwrap());
    for (on_conflict, expected) in [(OnConflict::Keep, Outcome::Kept), (OnConflict::Replace, Outcome::Unchanged)] {
        let found = view(Visibility::Public, Some(AccessLevel::Developer), Some(release(vec![there.clone()])));
        let links = on(loading_for_write(Some(found)));
        let (shown, outcome) = links.create(&caller(Scope::Api), &address(), draft(), Some(on_conflict)).await.unwrap();
        assert_eq!((shown.link, outcome), (there.clone(), expected));
    }
}

#[tokio::test]
async fn an_immutable_release_refuses_a_change_before_its_precondition_and_its_values() {
    let there = link(draft().parse().accept(LinkConflict::NONE).unwrap());
    let locked = |alike| {
        let found = WritableRelease { immutable: true, ..release(alike) };
        loading_for_write(Some(view(Visibility::Public, Some(AccessLevel::Developer), Some(found))))
    };
    let by = caller(Scope::Api);
    for sent in [draft(), LinkDraft::default(), LinkDraft { url: None, ..draft() }] {
        let refused = create(locked(vec![there.clone()]), &by, sent).await;
        assert!(matches!(refused, Err(Refusal::Immutable)), "{refused:?}");
    }
    let never = || Precondition::new(|_: &LinkShown| false);
    let mut updating = locked(Vec::new());
    let read = view(Visibility::Public, Some(AccessLevel::Developer), Some(there.clone()));
    updating.expect_get().return_once(move |_, _| Ok(Some(read)));
    let patch = LinkPatch { name: Change::Clear, ..LinkPatch::default() }.parse().unwrap();
    let refused = on(updating).update(&by, &address(), Some(id()), patch, never()).await;
    assert!(matches!(refused, Err(Refusal::Immutable)), "{refused:?}");
    let mut deleting = locked(Vec::new());
    deleting.expect_delete().return_once(|_, _, _, _, _| Err(LinkUpdateError::Conflict(LinkRefused::Immutable)));
    let refused = on(deleting).delete(&by, &address(), Some(id()), never()).await;
    assert!(matches!(refused, Err(Refusal::Immutable)), "{refused:?}");
    let links = on(locked(vec![there.clone()]));
    let (shown, outcome) = links.create(&by, &address(), draft(), Some(OnConflict::Keep)).await.unwrap();
    assert_eq!((shown.link, outcome), (there, Outcome::Kept));
}
