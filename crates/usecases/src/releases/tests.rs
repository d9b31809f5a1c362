//! The order in which writes to a release are refused, and the queries that a refused write must not make.

use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, TagCreateLevel, TagRule};
use release_links_domain::link::Change;
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{Bearer, Scope, TokenKind};
use release_links_ports::{MockClock, MockReleaseRepository, Precondition, ProjectFacts};

use super::*;
use crate::{ParameterFaults, Taken};

/// What storage returns for the project, and the caller's level.
#[derive(Clone, Copy)]
struct Case {
    level: AccessLevel,
    archived: bool,
    rule: Option<TagCreateLevel>,
    exists: bool,
}

const ABSENT: Case = Case { level: AccessLevel::Developer, archived: false, rule: None, exists: false };
const EXISTING: Case = Case { exists: true, ..ABSENT };

impl Case {
    /// Returns the operations on a storage that answers one read and fails on every write.
    fn releases(self) -> Releases {
        let rules =
            ProjectRules { visibility: Visibility::Public, archived: self.archived, releases: ReleasesAccess::Enabled };
        let rule = self.rule.map(|create_level| TagRule {
            id: 1.try_into().unwrap(),
            pattern: "v*".parse().unwrap(),
            create_level,
        });
        let view = ProjectView {
            project: ProjectFacts {
                id: 7.try_into().unwrap(),
                full_path: "group/hello".parse().unwrap(),
                rules,
                moved: false,
            },
            level: Some(self.level),
            found: Some(WritableProject {
                rules: rule.into_iter().collect(),
                release: self.exists.then(|| 3.try_into().unwrap()),
            }),
        };
        let mut releases = MockReleaseRepository::new();
        releases.expect_load_for_write().times(1).return_once(move |_, _, _| Ok(Some(view)));
        let mut clock = MockClock::new();
        clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
        Releases::new(Arc::new(releases), Arc::new(clock))
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
