//! What a refused request must not write, for callers and members that the other suites cannot create yet.

use super::*;
use jiff::Timestamp;
use release_links_domain::access::AccessLevel::{Developer, Owner};
use release_links_domain::project::{ProjectRules, ReleasesAccess, Visibility};
use release_links_domain::token::{Bearer, Scope, TokenKind};
use release_links_domain::user::{User, UserRef};
use release_links_ports::{MockClock, MockMemberRepository, ProjectFacts, ProjectView};

const MEMBER: i64 = 9;

fn view(candidate: Option<MemberCandidate>) -> MemberSourceView<MemberCandidate> {
    let rules = ProjectRules { visibility: Visibility::Private, archived: false, releases: ReleasesAccess::Enabled };
    let project = ProjectFacts { id: 1.try_into().unwrap(), full_path: "a/b".parse().unwrap(), rules, moved: false };
    MemberSourceView::Project(ProjectView { project, level: Some(Owner), found: candidate })
}

/// Returns the operations on a private project that the caller owns and that has one other user. The mock fails on
/// any write.
fn members(bot: bool, level: Option<AccessLevel>) -> Members {
    let mut members = MockMemberRepository::new();
    members.expect_load_for_write().returning(move |_, _, user| {
        Ok(Some(view(user.and_then(|user| user.id()).map(|id| MemberCandidate {
            user: User {
                id,
                username: "somebody".parse().unwrap(),
                name: "Somebody".to_owned(),
                email: "somebody@example.com".parse().unwrap(),
                administrator: false,
                bot,
            },
            level,
        }))))
    });
    let mut clock = MockClock::new();
    clock.expect_now().returning(|| Timestamp::UNIX_EPOCH);
    Members::new(Arc::new(members), Arc::new(clock))
}

fn caller(kind: TokenKind) -> Caller {
    Caller::Token(Bearer {
        token: 1.try_into().unwrap(),
        kind,
        user: 2.try_into().unwrap(),
        administrator: false,
        scopes: vec![Scope::Api],
    })
}

/// Returns the refusals of adding, changing and removing that user.
async fn refusals(members: &Members, caller: &Caller) -> [Option<Refusal>; 3] {
    let (address, user) = (MemberSourceAddress::Project("1".to_owned()), MEMBER.try_into().unwrap());
    let draft = MemberDraft { user: Some(UserRef::Id(user)), level: Developer };
    [
        members.add(caller, &address, Ok(draft)).await.err(),
        members.set_level(caller, &address, Some(user), Ok(Developer)).await.err(),
        members.remove(caller, &address, Some(user)).await.err(),
    ]
}

#[tokio::test]
async fn the_membership_of_a_project_tokens_bot_cannot_be_changed() {
    let own = caller(TokenKind::Personal);
    let [added, ..] = refusals(&members(true, None), &own).await;
    assert!(matches!(added, Some(Refusal::Forbidden)), "{added:?}");
    let [_, changed, removed] = refusals(&members(true, Some(Developer)), &own).await;
    for refusal in [changed, removed] {
        assert!(matches!(refusal, Some(Refusal::Forbidden)), "{refusal:?}");
    }
}

#[tokio::test]
async fn members_are_changed_only_with_a_personal_token() {
    let project = 1.try_into().unwrap();
    for kind in [TokenKind::Project { project }, TokenKind::Job { project, ends_at: Timestamp::MAX }] {
        for refusal in refusals(&members(false, Some(Developer)), &caller(kind)).await {
            assert!(matches!(refusal, Some(Refusal::Forbidden)), "{kind:?}: {refusal:?}");
        }
    }
}

#[tokio::test]
async fn a_number_that_is_not_an_id_is_not_a_member() {
    let (members, own) = (members(false, Some(Developer)), caller(TokenKind::Personal));
    let address = MemberSourceAddress::Project("1".to_owned());
    for refusal in [
        members.get(&own, &address, Reach::Direct, None).await.err(),
        members.set_level(&own, &address, None, Ok(Developer)).await.err(),
        members.remove(&own, &address, None).await.err(),
    ] {
        assert!(matches!(refusal, Some(Refusal::NotFound(Missing::Member))), "{refusal:?}");
    }
}
