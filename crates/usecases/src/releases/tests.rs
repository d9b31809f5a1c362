//! The order in which writes to a release are refused, and the queries that a refused write must not make.

use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, TagCreateLevel, TagRule};
use release_links_domain::link::{Change, Outcome};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{Bearer, Scope, TokenKind};
use release_links_ports::{
    IfExists, MockClock, MockReleaseRepository, NewRelease, Precondition, ProjectFacts, ReleaseWriteError,
};

use super::*;
use crate::{ParameterFaults, Taken};

/// What storage returns for the project, and the caller's level.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that a read returns")]
struct Case {
    level: AccessLevel,
    archived: bool,
    rule: Option<TagCreateLevel>,
    exists: bool,
    immutable: bool,
    burnt: bool,
}

const ABSENT: Case =
    Case { level: AccessLevel::Developer, archived: false, rule: None, exists: false, immutable: false, burnt: false };
const EXISTING: Case = Case { exists: true, ..ABSENT };

impl Case {
    /// Returns the operations on a storage that answers one read and fails on every write.
    fn releases(self) -> Releases {
        Self::on(self.storage())
    }

    fn on(storage: MockReleaseRepository) -> Releases {
        let mut clock = MockClock::new();
        clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
        Releases::new(Arc::new(storage), Arc::new(clock))
    }

    fn view<T>(self, found: T) -> ProjectView<T> {
        let rules =
            ProjectRules { visibility: Visibility::Public, archived: self.archived, releases: ReleasesAccess::Enabled };
        ProjectView {
            project: ProjectFacts {
                id: 7.try_into().unwrap(),
                full_path: "group/hello".parse().unwrap(),
                rules,
                moved: false,
            },
            level: Some(self.level),
            found: Some(found),
        }
    }

    fn storage(self) -> MockReleaseRepository {
        let rule = self.rule.map(|create_level| TagRule {
            id: 1.try_into().unwrap(),
            pattern: "v*".parse().unwrap(),
            create_level,
        });
        let release = self.exists.then(|| 3.try_into().unwrap());
        let view = self.view(WritableProject {
            rules: rule.into_iter().collect(),
            release,
            immutable: self.immutable,
            burnt: self.burnt,
        });
        let mut releases = MockReleaseRepository::new();
        releases.expect_load_for_write().times(1).return_once(move |_, _, _| Ok(Some(view)));
        releases
    }

    async fn create(self, wanted: Result<(&str, ReleaseDraft), ParameterFaults>) -> Refusal {
        let wanted = wanted.map(|(tag, draft)| (tag.to_owned(), draft));
        self.releases().create(&caller(), "7", wanted).await.unwrap_err()
    }

    async fn update(self, wanted: Result<Option<ReleasePatch>, ParameterFaults>) -> Refusal {
        self.releases().update(&caller(), &address(), wanted, Precondition::NONE).await.unwrap_err()
    }

    async fn delete(self) -> Refusal {
        self.releases().delete(&caller(), &address(), Precondition::NONE).await.unwrap_err()
    }
}

fn caller() -> Caller {
    Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind: TokenKind::Personal,
        user: 2.try_into().unwrap(),
        administrator: false,
        scopes: vec![Scope::Api],
    })
}

fn address() -> ReleaseAddress {
    ReleaseAddress { project: "7".to_owned(), tag: "v1".to_owned() }
}

fn faults() -> ParameterFaults {
    ParameterFaults(vec!["name is invalid".to_owned()])
}

/// Returns the cases in which the caller may not write to `v1`.
fn forbidden_cases() -> [Case; 3] {
    [
        Case { level: AccessLevel::Reporter, ..EXISTING },
        Case { archived: true, ..EXISTING },
        Case { rule: Some(TagCreateLevel::NoOne), ..EXISTING },
    ]
}

fn bad_draft() -> ReleaseDraft {
    ReleaseDraft { milestones: vec!["m".to_owned()], links: vec![LinkDraft::default()], ..ReleaseDraft::default() }
}

#[tokio::test]
async fn creating_a_release_is_refused_in_the_order_of_the_contract() {
    assert!(matches!(EXISTING.create(Err(faults())).await, Refusal::Parameters(_)));
    for given in forbidden_cases() {
        assert!(matches!(given.create(Err(faults())).await, Refusal::Parameters(_)));
        assert!(matches!(given.create(Ok(("v1", bad_draft()))).await, Refusal::Forbidden));
    }
    assert!(matches!(EXISTING.create(Ok(("v1", bad_draft()))).await, Refusal::Taken(Taken::Release)));
    assert!(matches!(ABSENT.create(Ok(("HEAD", bad_draft()))).await, Refusal::UnknownMilestones(_)));
    let draft = ReleaseDraft { milestones: Vec::new(), ..bad_draft() };
    assert!(matches!(ABSENT.create(Ok(("HEAD", draft.clone()))).await, Refusal::InvalidTag));
    assert!(matches!(ABSENT.create(Ok(("v1", draft))).await, Refusal::InvalidLinks(_)));
}

#[tokio::test]
async fn a_release_that_is_sent_again_is_refused_in_the_order_of_the_contract() {
    let sent = |on_conflict| ReleaseDraft { on_conflict, ..bad_draft() };
    for on_conflict in [OnConflict::Keep, OnConflict::Replace] {
        assert!(matches!(EXISTING.create(Err(faults())).await, Refusal::Parameters(_)));
        for given in forbidden_cases() {
            assert!(matches!(given.create(Ok(("v1", sent(on_conflict)))).await, Refusal::Forbidden));
        }
        assert!(matches!(ABSENT.create(Ok(("v1", sent(on_conflict)))).await, Refusal::UnknownMilestones(_)));
        let draft = ReleaseDraft { milestones: Vec::new(), ..sent(on_conflict) };
        assert!(matches!(ABSENT.create(Ok(("v1", draft))).await, Refusal::InvalidLinks(_)));
    }
    assert!(matches!(EXISTING.create(Ok(("v1", sent(OnConflict::Replace)))).await, Refusal::UnknownMilestones(_)));
    let name = Change::Set("x".repeat(256));
    let changes = ReleaseChanges { name, ..ReleaseChanges::default() };
    let draft = ReleaseDraft { changes, milestones: Vec::new(), ..sent(OnConflict::Replace) };
    assert!(matches!(EXISTING.create(Ok(("v1", draft))).await, Refusal::InvalidRelease(_)));
}

fn release() -> Release {
    Release {
        id: 3.try_into().unwrap(),
        project: 7.try_into().unwrap(),
        tag: "v1".parse().unwrap(),
        name: None,
        description: None,
        target: None,
        created_at: Timestamp::UNIX_EPOCH,
        released_at: Timestamp::UNIX_EPOCH,
        author: None,
        immutable: false,
        links: Vec::new(),
        link_count: 0,
    }
}

#[tokio::test]
async fn a_release_that_is_kept_is_read_and_nothing_that_was_sent_is_looked_at() {
    let mut storage = EXISTING.storage();
    storage.expect_get().times(1).return_once(|_| Ok(Some(EXISTING.view(release()))));
    let draft = ReleaseDraft { on_conflict: OnConflict::Keep, ..bad_draft() };
    let kept = Case::on(storage).create(&caller(), "7", Ok(("v1".to_owned(), draft))).await;
    let (shown, outcome) = kept.unwrap();
    assert_eq!((shown.release, outcome), (release(), Outcome::Kept));
}

#[tokio::test]
async fn what_becomes_of_a_release_is_decided_by_the_write() {
    let changes = ReleaseChanges { name: Change::Clear, ..ReleaseChanges::default() };
    for (case, on_conflict, expected) in [
        (ABSENT, OnConflict::Fail, IfExists::Fail),
        (ABSENT, OnConflict::Keep, IfExists::Keep),
        (ABSENT, OnConflict::Replace, IfExists::Replace(changes.clone())),
        (EXISTING, OnConflict::Replace, IfExists::Replace(changes.clone())),
    ] {
        let mut storage = case.storage();
        let is_expected = move |new: &NewRelease| new.if_exists == expected;
        storage.expect_create().withf(is_expected).times(1).return_once(|_| Ok((release(), Outcome::Replaced)));
        let draft = ReleaseDraft { changes: changes.clone(), on_conflict, ..ReleaseDraft::default() };
        let (_, outcome) = Case::on(storage).create(&caller(), "7", Ok(("v1".to_owned(), draft))).await.unwrap();
        assert_eq!(outcome, Outcome::Replaced);
    }
}

#[tokio::test]
async fn a_release_that_is_deleted_before_it_is_kept_is_created() {
    let mut storage = EXISTING.storage();
    let gone = ProjectView { found: None, ..EXISTING.view(release()) };
    storage.expect_get().return_once(|_| Ok(Some(gone)));
    storage.expect_create().return_once(|_| Err(ReleaseWriteError::Gone));
    let draft = ReleaseDraft { on_conflict: OnConflict::Keep, ..ReleaseDraft::default() };
    let refused = Case::on(storage).create(&caller(), "7", Ok(("v1".to_owned(), draft))).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Project))));
}

#[tokio::test]
async fn changing_a_release_is_refused_in_the_order_of_the_contract() {
    for given in forbidden_cases() {
        assert!(matches!(given.update(Err(faults())).await, Refusal::Parameters(_)));
        assert!(matches!(given.update(Ok(None)).await, Refusal::Forbidden));
        assert!(matches!(Case { exists: false, ..given }.update(Ok(None)).await, Refusal::Forbidden));
    }
    assert!(matches!(ABSENT.update(Ok(None)).await, Refusal::NotFound(Missing::Release)));
    assert!(matches!(EXISTING.update(Ok(None)).await, Refusal::NothingToChange));
    let changes = ReleaseChanges { name: Change::Clear, ..ReleaseChanges::default() };
    let patch = ReleasePatch { changes, milestones: vec!["m".to_owned()] };
    assert!(matches!(EXISTING.update(Ok(Some(patch))).await, Refusal::UnknownMilestones(_)));
}

#[tokio::test]
async fn deleting_a_release_is_refused_in_the_order_of_the_contract() {
    for given in forbidden_cases() {
        assert!(matches!(given.delete().await, Refusal::Forbidden));
        assert!(matches!(Case { exists: false, ..given }.delete().await, Refusal::Forbidden));
    }
    assert!(matches!(ABSENT.delete().await, Refusal::NotFound(Missing::Release)));
}

#[tokio::test]
async fn a_burnt_tag_is_reported_where_a_tag_with_a_release_is() {
    let burnt = Case { burnt: true, ..ABSENT };
    assert!(matches!(burnt.create(Err(faults())).await, Refusal::Parameters(_)));
    assert!(matches!(burnt.create(Ok(("v1", bad_draft()))).await, Refusal::Taken(Taken::BurntTag)));
    for on_conflict in [OnConflict::Keep, OnConflict::Replace] {
        let draft = ReleaseDraft { on_conflict, ..bad_draft() };
        assert!(matches!(burnt.create(Ok(("v1", draft))).await, Refusal::Taken(Taken::BurntTag)));
    }
    let forbidden = Case { level: AccessLevel::Reporter, ..burnt };
    assert!(matches!(forbidden.create(Ok(("v1", bad_draft()))).await, Refusal::Forbidden));
}

#[tokio::test]
async fn an_immutable_release_refuses_a_change_before_it_is_judged() {
    const LOCKED: Case = Case { immutable: true, ..EXISTING };
    let reading = || {
        let mut storage = LOCKED.storage();
        let locked = Release { immutable: true, ..release() };
        storage.expect_get().times(1).return_once(|_| Ok(Some(LOCKED.view(locked))));
        storage
    };
    assert!(matches!(LOCKED.create(Ok(("v1", bad_draft()))).await, Refusal::Taken(Taken::Release)));
    let draft = ReleaseDraft { on_conflict: OnConflict::Replace, ..bad_draft() };
    let refused = Case::on(reading()).create(&caller(), "7", Ok(("v1".to_owned(), draft))).await;
    assert!(matches!(refused, Err(Refusal::Immutable)), "{refused:?}");

    let never = || Precondition::new(|_: &ReleaseShown| false);
    let changes = ReleaseChanges { released_at: Some(Timestamp::MAX), ..ReleaseChanges::default() };
    let patch = ReleasePatch { changes, milestones: vec!["m".to_owned()] };
    let refused = Case::on(reading()).update(&caller(), &address(), Ok(Some(patch)), never()).await;
    assert!(matches!(refused, Err(Refusal::Immutable)), "{refused:?}");
    let changes = ReleaseChanges { released_at: Some(Timestamp::UNIX_EPOCH), ..ReleaseChanges::default() };
    let patch = ReleasePatch { changes, milestones: vec!["m".to_owned()] };
    let refused = Case::on(reading()).update(&caller(), &address(), Ok(Some(patch)), Precondition::NONE).await;
    assert!(matches!(refused, Err(Refusal::UnknownMilestones(_))), "{refused:?}");
    assert!(matches!(LOCKED.delete().await, Refusal::Immutable));
}

#[tokio::test]
async fn an_owner_deletes_an_immutable_release_and_nobody_else_does() {
    for (level, expected) in [(AccessLevel::Maintainer, false), (AccessLevel::Owner, true)] {
        let mut storage = Case { level, ..EXISTING }.storage();
        storage
            .expect_delete()
            .withf(move |_, _, even_if_immutable, _, _| *even_if_immutable == expected)
            .times(1)
            .return_once(|_, _, _, _, _| Ok(release()));
        Case::on(storage).delete(&caller(), &address(), Precondition::NONE).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_may_write_a_release_may_make_it_immutable() {
    for given in forbidden_cases() {
        let refused = given.releases().make_immutable(&caller(), &address()).await;
        assert!(matches!(refused, Err(Refusal::Forbidden)), "{refused:?}");
    }
    let refused = ABSENT.releases().make_immutable(&caller(), &address()).await;
    assert!(matches!(refused, Err(Refusal::NotFound(Missing::Release))), "{refused:?}");
    let mut storage = EXISTING.storage();
    storage
        .expect_set_immutable()
        .withf(|_, _, immutable, origin| *immutable && origin.user.is_some() && origin.token.is_some())
        .return_once(|_, _, _, _| Ok((Release { immutable: true, ..release() }, true)));
    assert!(Case::on(storage).make_immutable(&caller(), &address()).await.unwrap().release.immutable);
}
