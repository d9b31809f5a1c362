//! The rules that protect a project's tags.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn};
use release_links_domain::access::AccessLevel::{Developer, Maintainer};
use release_links_domain::access::{TagCreateLevel, TagRule};
use release_links_domain::project::Visibility;
use release_links_domain::token::{Caller, Scope};
use release_links_ports::PageRequest;
use release_links_usecases::{Missing, ProtectedTagDraft, Refusal, ReleaseDraft};

use crate::world::{World, assert_refused, assert_refused_to, faults, job, person, reported_faults, with_scope};

fn draft(pattern: &str) -> ProtectedTagDraft {
    ProtectedTagDraft { pattern: pattern.parse().unwrap(), create_level: TagCreateLevel::Maintainers }
}

#[tokio::test]
async fn writing_rules_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let rules = &world.protected_tags;
    for (caller, expected) in world.refused_in(&project, Maintainer).await {
        assert_refused_to(&caller, rules.create(&caller, "top/hello", faults()).await, &expected);
        assert_refused_to(&caller, rules.delete(&caller, "top/hello", "absent").await, &expected);
    }
    let maintainer = person(world.member(&project, Maintainer).await);
    assert_refused(rules.create(&maintainer, "top/absent", faults()).await, &NotFound(Missing::Project));
    assert_refused(rules.create(&maintainer, "top/hello", faults()).await, &reported_faults());
    rules.create(&maintainer, "top/hello", Ok(draft("v*"))).await.unwrap();
    let pattern = "v*".parse().unwrap();
    let again = rules.create(&maintainer, "top/hello", Ok(draft("v*"))).await;
    assert_refused(again, &Refusal::AlreadyProtected(pattern));
    assert_refused(rules.delete(&maintainer, "top/hello", "v1").await, &NotFound(Missing::ProtectedTag));
    rules.delete(&maintainer, "top/hello", "v*").await.unwrap();
    assert_refused(rules.delete(&maintainer, "top/hello", "v*").await, &NotFound(Missing::ProtectedTag));
}

#[tokio::test]
async fn only_maintainers_read_rules_or_learn_which_exist() {
    let world = World::new();
    let project = world.hello().await;
    let open = world.group("open", None, Visibility::Public).await.id;
    world.project(open, "open", Visibility::Public).await;
    let developer = world.member(&project, Developer).await;
    let maintainer = world.member(&project, Maintainer).await;
    let rules = &world.protected_tags;
    rules.create(&person(maintainer), "top/hello", Ok(draft("v*"))).await.unwrap();
    for (caller, project, expected) in [
        (Caller::Anonymous, "top/hello", NotFound(Missing::Project)),
        (Caller::Anonymous, "open/open", NotSignedIn),
        (with_scope(world.any_user().await, Scope::ReadUser), "top/hello", NotFound(Missing::Project)),
        (with_scope(maintainer, Scope::ReadUser), "top/hello", InsufficientScope),
        (person(developer), "top/hello", Forbidden),
    ] {
        assert_refused_to(&caller, rules.list(&caller, project, faults()).await, &expected);
        for pattern in ["v*", "absent"] {
            assert_refused_to(&caller, rules.get(&caller, project, pattern).await, &expected);
        }
    }
    let bot = world.project_token(&project, Maintainer).await;
    let bot = world.admit_token(&bot.secret).await.unwrap();
    for caller in [with_scope(maintainer, Scope::ReadApi), bot, job(maintainer, project.id)] {
        assert_refused_to(&caller, rules.list(&caller, "top/hello", faults()).await, &reported_faults());
        assert_refused_to(&caller, rules.get(&caller, "top/hello", "v").await, &NotFound(Missing::ProtectedTag));
        let rule = rules.get(&caller, "top/hello", "v*").await.unwrap();
        assert_eq!(rules.list(&caller, "top/hello", Ok(PageRequest::default())).await.unwrap().rows, [rule]);
    }
}

#[tokio::test]
async fn a_rule_prevents_developers_from_writing_to_matching_tags_until_it_is_deleted() {
    let world = World::new();
    let project = world.hello().await;
    let developer = person(world.member(&project, Developer).await);
    let maintainer = person(world.member(&project, Maintainer).await);
    let release = |tag: &str| Ok((tag.to_owned(), ReleaseDraft::default()));
    world.protected_tags.create(&maintainer, "top/hello", Ok(draft("v*"))).await.unwrap();
    assert_refused(world.releases.create(&developer, "top/hello", release("v1")).await, &Forbidden);
    world.protected_tags.delete(&maintainer, "top/hello", "v*").await.unwrap();
    world.releases.create(&developer, "top/hello", release("v1")).await.unwrap();
}

#[tokio::test]
async fn a_project_has_at_most_three_hundred_rules() {
    let world = World::new();
    let project = world.hello().await;
    let maintainer = person(world.member(&project, Maintainer).await);
    for number in 0..TagRule::MAX_PER_PROJECT {
        world.protected_tags.create(&maintainer, "top/hello", Ok(draft(&number.to_string()))).await.unwrap();
    }
    let further = world.protected_tags.create(&maintainer, "top/hello", Ok(draft("v*"))).await;
    assert_refused(further, &Refusal::TooManyProtectedTags);
}
