//! Who may delete a tag, and the queries that a refused deletion must not make.

use jiff::Timestamp;
use release_links_domain::access::{AccessLevel, TagCreateLevel};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{Bearer, Scope, TokenKind};
use release_links_ports::{MockTagRepository, ProjectFacts, ProjectView, TagFound};

use super::*;
use release_links_domain::access::TagRule;

const DEVELOPER: Option<AccessLevel> = Some(AccessLevel::Developer);

fn bearer(kind: TokenKind) -> Caller {
    Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind,
        user: 2.try_into().unwrap(),
        administrator: false,
        scopes: vec![Scope::Api],
    })
}

/// Returns the outcome of deleting `v1` in project 7; storage must be asked to delete `deletions` times.
async fn delete(
    caller: &Caller,
    level: Option<AccessLevel>,
    archived: bool,
    rule: Option<TagCreateLevel>,
    exists: bool,
    deletions: usize,
) -> Result<(), Refusal> {
    let rules = ProjectRules { visibility: Visibility::Public, archived, releases: ReleasesAccess::Enabled };
    let project =
        ProjectFacts { id: 7.try_into().unwrap(), full_path: "group/hello".parse().unwrap(), rules, moved: false };
    let rule =
        rule.map(|create_level| TagRule { id: 1.try_into().unwrap(), pattern: "v*".parse().unwrap(), create_level });
    let tag =
        Tag { name: "v1".parse().unwrap(), message: None, target: None, created_at: Timestamp::MIN, release: None };
    let found = TagFound { rules: rule.into_iter().collect(), tag: exists.then_some(tag) };
    let mut tags = MockTagRepository::new();
    tags.expect_get().times(1).return_once(move |_| Ok(Some(ProjectView { project, level, found: Some(found) })));
    tags.expect_delete().times(deletions).returning(|_, _| Ok(()));
    let address = ReleaseAddress { project: "7".to_owned(), tag: "v1".to_owned() };
    Tags::new(Arc::new(tags)).delete(caller, &address).await
}

#[tokio::test]
async fn deleting_a_tag_requires_the_right_to_write_to_its_releases() {
    let job = |project: i64| TokenKind::Job { project: project.try_into().unwrap(), ends_at: Timestamp::MAX };
    let project = TokenKind::Project { project: 7.try_into().unwrap() };
    for kind in [TokenKind::Personal, project, job(7)] {
        let caller = bearer(kind);
        assert!(delete(&caller, DEVELOPER, false, None, true, 1).await.is_ok(), "{kind:?}");
        for (level, archived, rule) in [
            (Some(AccessLevel::Reporter), false, None),
            (DEVELOPER, true, None),
            (DEVELOPER, false, Some(TagCreateLevel::Maintainers)),
        ] {
            let refused = delete(&caller, level, archived, rule, true, 0).await;
            assert!(matches!(refused, Err(Refusal::Forbidden)), "{kind:?} {level:?} {archived} {rule:?}");
        }
    }
    let foreign = delete(&bearer(job(8)), DEVELOPER, false, None, true, 0).await;
    assert!(matches!(foreign, Err(Refusal::NotFound(Missing::Project))), "{foreign:?}");
}

#[tokio::test]
async fn only_a_caller_who_may_write_learns_that_a_tag_is_missing() {
    let caller = bearer(TokenKind::Personal);
    let missing = delete(&caller, DEVELOPER, false, None, false, 0).await;
    assert!(matches!(missing, Err(Refusal::NotFound(Missing::Tag))), "{missing:?}");
    let refused = delete(&caller, Some(AccessLevel::Reporter), false, None, false, 0).await;
    assert!(matches!(refused, Err(Refusal::Forbidden)), "{refused:?}");
}
