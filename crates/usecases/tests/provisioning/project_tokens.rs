//! Project access tokens and their bots.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn};
use jiff::civil::date;
use release_links_domain::access::AccessLevel::{self, Developer, Guest, Maintainer, Owner};
use release_links_domain::project::{Project, Visibility};
use release_links_domain::token::{Caller, Scope, TokenRefusal};
use release_links_usecases::{Missing, ProjectTokenDraft, Refusal, TokenMade, TokenSearch};

use crate::world::{
    World, assert_refused, assert_refused_to, faults, job, person, reported_faults, token_draft, with_scope,
};

fn draft(level: AccessLevel) -> ProjectTokenDraft {
    ProjectTokenDraft { token: token_draft("automation"), level }
}

/// Creates a project with a maintainer and a token.
async fn start(world: &World, level: AccessLevel) -> (Project, Caller, TokenMade) {
    let project = world.hello().await;
    let maintainer = person(world.member(&project, Maintainer).await);
    let made = world.project_token(&project, level).await;
    (project, maintainer, made)
}

#[tokio::test]
async fn writing_project_tokens_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let tokens = &world.tokens;
    for (caller, expected) in world.refused_in(&project, Maintainer).await {
        assert_refused_to(&caller, tokens.create_for_project(&caller, "top/hello", faults()).await, &expected);
        assert_refused_to(&caller, tokens.revoke_of_project(&caller, "top/hello", None).await, &expected);
        assert_refused_to(&caller, tokens.rotate_of_project(&caller, "top/hello", None, faults()).await, &expected);
    }
    let maintainer = person(world.member(&project, Maintainer).await);
    assert_refused(tokens.create_for_project(&maintainer, "top/hello", faults()).await, &reported_faults());
    assert_refused(tokens.create_for_project(&maintainer, "top/hello", Ok(draft(Owner))).await, &Forbidden);
    assert_refused(tokens.revoke_of_project(&maintainer, "top/hello", None).await, &NotFound(Missing::Token));
    let rotated = tokens.rotate_of_project(&maintainer, "top/hello", None, faults()).await;
    assert_refused(rotated, &NotFound(Missing::Token));
}

#[tokio::test]
async fn a_bot_has_a_level_only_in_its_own_project() {
    let world = World::new();
    let (project, maintainer, _) = start(&world, Guest).await;
    let other = world.project(project.namespace.id, "other", Visibility::Private).await;
    let made = world.tokens.create_for_project(&maintainer, "top/hello", Ok(draft(Developer))).await.unwrap();
    let bot = world.admit_token(&made.secret).await.unwrap();
    let seen = world.projects.get(&bot, "top/hello").await.unwrap();
    assert_eq!((seen.project_access, seen.group_access), (Some(Developer), None));
    assert_refused(world.projects.get(&bot, &other.id.to_string()).await, &NotFound(Missing::Project));
    assert_eq!(world.users.current(&bot).await.unwrap().name, "automation");
}

#[tokio::test]
async fn only_maintainers_read_the_tokens_of_a_project() {
    let world = World::new();
    let (project, maintainer, made) = start(&world, Owner).await;
    let group = world.group("open", None, Visibility::Public).await.id;
    let open = world.project(group, "open", Visibility::Public).await;
    let elsewhere = world.member(&open, Maintainer).await;
    let developer = world.member(&project, Developer).await;
    let (tokens, token) = (&world.tokens, Some(made.shown.record.id));
    let too_long = || TokenSearch { text: Some("x".repeat(256)), ..TokenSearch::default() };
    for (caller, project, expected) in [
        (Caller::Anonymous, "top/hello", NotFound(Missing::Project)),
        (Caller::Anonymous, "open/open", NotSignedIn),
        (with_scope(elsewhere, Scope::ReadUser), "top/hello", NotFound(Missing::Project)),
        (with_scope(developer, Scope::ReadUser), "top/hello", InsufficientScope),
        (person(developer), "top/hello", Forbidden),
    ] {
        assert_refused_to(&caller, tokens.list_of_project(&caller, project, faults()).await, &expected);
        assert_refused_to(&caller, tokens.list_of_project(&caller, project, Ok(too_long())).await, &expected);
        assert_refused_to(&caller, tokens.get_of_project(&caller, project, token).await, &expected);
    }
    assert_refused(tokens.list_of_project(&maintainer, "top/hello", faults()).await, &reported_faults());
    let found = tokens.list_of_project(&maintainer, "top/hello", Ok(too_long())).await.unwrap();
    assert_eq!((found.rows.len(), found.total), (0, Some(0)));
    let listed = tokens.list_of_project(&maintainer, "top/hello", Ok(TokenSearch::default())).await.unwrap();
    assert_eq!(listed.rows.iter().collect::<Vec<_>>(), [&made.shown]);
    for caller in [maintainer, world.admit_token(&made.secret).await.unwrap()] {
        assert_eq!(tokens.get_of_project(&caller, "top/hello", token).await.unwrap(), made.shown);
    }
    let foreign = tokens.get_of_project(&job(elsewhere, open.id), "open/open", token).await;
    assert_refused(foreign, &NotFound(Missing::Token));
}

#[tokio::test]
async fn a_maintainer_cannot_change_a_token_whose_bot_has_a_higher_level() {
    let world = World::new();
    let (_, maintainer, made) = start(&world, Owner).await;
    let token = Some(made.shown.record.id);
    assert_refused(world.tokens.revoke_of_project(&maintainer, "top/hello", token).await, &Forbidden);
    assert_refused(world.tokens.rotate_of_project(&maintainer, "top/hello", token, faults()).await, &Forbidden);
    assert!(world.admit_token(&made.secret).await.is_ok());
}

#[tokio::test]
async fn revoking_a_project_token_also_deletes_its_bot() {
    let world = World::new();
    let (_, maintainer, made) = start(&world, Maintainer).await;
    let (tokens, token) = (&world.tokens, Some(made.shown.record.id));
    tokens.revoke_of_project(&maintainer, "top/hello", token).await.unwrap();
    assert_refused(world.admit_token(&made.secret).await, &TokenRefusal::Revoked.into());
    assert_refused(tokens.get_of_project(&maintainer, "top/hello", token).await, &NotFound(Missing::Token));
    assert_refused(tokens.revoke_of_project(&maintainer, "top/hello", token).await, &NotFound(Missing::Token));
    let listed = tokens.list_of_project(&maintainer, "top/hello", Ok(TokenSearch::default())).await.unwrap();
    assert_eq!(listed.rows, []);
    let bot = world.users.get(&maintainer, Some(made.shown.record.user)).await;
    assert_refused(bot, &NotFound(Missing::User));
}

#[tokio::test]
async fn a_rotated_project_token_keeps_its_bot_and_level() {
    let world = World::new();
    let (_, maintainer, made) = start(&world, Maintainer).await;
    let (tokens, token) = (&world.tokens, Some(made.shown.record.id));
    assert_refused(tokens.rotate_of_project(&maintainer, "top/hello", token, faults()).await, &reported_faults());
    assert!(world.admit_token(&made.secret).await.is_ok());
    let day = Some(date(2030, 1, 1));
    let new = tokens.rotate_of_project(&maintainer, "top/hello", token, Ok(day)).await.unwrap();
    let record = &new.shown.record;
    assert_eq!((record.user, record.level), (made.shown.record.user, Some(Maintainer)));
    assert_eq!(record.expires_on, day);
    assert_refused(world.admit_token(&made.secret).await, &TokenRefusal::Revoked.into());
    assert_eq!(world.admit_token(&new.secret).await.unwrap().user(), Some(record.user));
    let again = tokens.rotate_of_project(&maintainer, "top/hello", token, Ok(day)).await;
    assert_refused(again, &NotFound(Missing::Token));
}
