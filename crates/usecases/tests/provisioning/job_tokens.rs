//! Tokens of CI jobs.

use Refusal::{Forbidden, NotFound};
use release_links_domain::UserId;
use release_links_domain::access::AccessLevel::{Developer, Owner, Reporter};
use release_links_domain::job::JobDuration;
use release_links_domain::token::{Caller, TokenRefusal};
use release_links_ports::PageRequest;
use release_links_usecases::{JobDraft, Missing, Presented, Refusal, Secret};

use crate::world::{ABSENT, World, assert_refused, assert_refused_to, faults, person, reported_faults};

fn draft(user: Option<UserId>) -> JobDraft {
    JobDraft { user, lasts: JobDuration::try_from(60).unwrap() }
}

async fn admit(world: &World, secret: &Secret) -> Result<Caller, Refusal> {
    world.admit(Presented::Job(secret.clone())).await
}

#[tokio::test]
async fn creating_and_revoking_a_job_token_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let tokens = &world.tokens;
    for (caller, expected) in world.refused_in(&project, Developer).await {
        assert_refused_to(&caller, tokens.create_for_job(&caller, "top/hello", faults()).await, &expected);
        assert_refused_to(&caller, tokens.end_job(&caller, "top/hello", None).await, &expected);
    }
    let developer = person(world.member(&project, Developer).await);
    assert_refused(tokens.create_for_job(&developer, "top/hello", faults()).await, &reported_faults());
    assert_refused(tokens.end_job(&developer, "top/hello", None).await, &NotFound(Missing::Token));
}

#[tokio::test]
async fn an_administrator_creates_a_job_token_for_any_user_and_others_for_themselves() {
    let world = World::new();
    let project = world.hello().await;
    let (ada, root) = (world.user("ada").await, world.root().await);
    let owner = world.member(&project, Owner).await;
    let tokens = &world.tokens;
    for other in [ada, ABSENT.try_into().unwrap()] {
        let refused = tokens.create_for_job(&person(owner), "top/hello", Ok(draft(Some(other)))).await;
        assert_refused(refused, &Forbidden);
    }
    for (caller, user, expected) in
        [(&person(owner), None, owner), (&person(owner), Some(owner), owner), (&root, Some(ada), ada)]
    {
        let made = tokens.create_for_job(caller, "top/hello", Ok(draft(user))).await.unwrap();
        assert_eq!(admit(&world, &made.secret).await.unwrap().user(), Some(expected));
    }
    let absent = draft(Some(ABSENT.try_into().unwrap()));
    assert_refused(tokens.create_for_job(&root, "top/hello", Ok(absent)).await, &NotFound(Missing::User));
}

#[tokio::test]
async fn the_tokens_of_running_jobs_are_listed_for_developers() {
    let world = World::new();
    let project = world.hello().await;
    let (developer, owner) = (world.member(&project, Developer).await, world.member(&project, Owner).await);
    let tokens = &world.tokens;
    tokens.create_for_job(&person(developer), "top/hello", Ok(draft(None))).await.unwrap();
    let reporter = person(world.member(&project, Reporter).await);
    assert_refused(tokens.list_of_jobs(&reporter, "top/hello", faults()).await, &Forbidden);
    assert_refused(tokens.list_of_jobs(&Caller::Anonymous, "top/hello", faults()).await, &NotFound(Missing::Project));
    assert_refused(tokens.list_of_jobs(&person(owner), "top/hello", faults()).await, &reported_faults());
    let listed = async || {
        let page = tokens.list_of_jobs(&person(owner), "top/hello", Ok(PageRequest::default())).await.unwrap();
        page.rows.into_iter().map(|token| token.record.user).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [developer]);
    world.advance(60);
    assert_eq!(listed().await, []);
}

#[tokio::test]
async fn a_job_acts_as_its_user_in_its_own_project_until_it_expires() {
    let world = World::new();
    let project = world.hello().await;
    let developer = world.member(&project, Developer).await;
    let other = world.project(world.own_namespace(developer).await, "other", project.rules.visibility).await;
    let made = world.tokens.create_for_job(&person(developer), "top/hello", Ok(draft(None))).await.unwrap();
    let job = admit(&world, &made.secret).await.unwrap();
    assert_eq!(world.projects.get(&job, "top/hello").await.unwrap().project_access, Some(Developer));
    assert_refused(world.projects.get(&job, &other.id.to_string()).await, &NotFound(Missing::Project));
    assert_refused(world.admit_token(&made.secret).await, &TokenRefusal::Unknown.into());
    world.advance(59);
    assert!(admit(&world, &made.secret).await.is_ok());
    world.advance(1);
    assert_refused(admit(&world, &made.secret).await, &TokenRefusal::Unknown.into());
    let ended = world.tokens.end_job(&person(developer), "top/hello", Some(made.shown.record.id)).await;
    assert_refused(ended, &NotFound(Missing::Token));
}

#[tokio::test]
async fn a_job_token_is_revoked_by_its_user_or_an_administrator() {
    let world = World::new();
    let project = world.hello().await;
    let developer = person(world.member(&project, Developer).await);
    let (owner, root) = (person(world.member(&project, Owner).await), world.root().await);
    let tokens = &world.tokens;
    for caller in [&developer, &root] {
        let made = tokens.create_for_job(&developer, "top/hello", Ok(draft(None))).await.unwrap();
        let token = Some(made.shown.record.id);
        assert_refused(tokens.end_job(&owner, "top/hello", token).await, &NotFound(Missing::Token));
        tokens.end_job(caller, "top/hello", token).await.unwrap();
        assert_refused(admit(&world, &made.secret).await, &TokenRefusal::Unknown.into());
        assert_refused(tokens.end_job(caller, "top/hello", token).await, &NotFound(Missing::Token));
    }
}
