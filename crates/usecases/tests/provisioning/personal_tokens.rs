//! Personal access tokens.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn, TokenRevoked};
use jiff::civil::{Date, date};
use release_links_domain::UserId;
use release_links_domain::access::AccessLevel::Maintainer;
use release_links_domain::token::{Caller, Scope, TokenKind, TokenRefusal};
use release_links_ports::PageRequest;
use release_links_usecases::{Missing, PersonalToken, Refusal, TokenDraft, TokenMade, TokenSearch};

use crate::world::{
    ABSENT, World, assert_refused, assert_refused_to, faults, job, person, reported_faults, token_draft, with_scope,
};

/// Creates a token for a user, as that user.
async fn own_token(world: &World, user: UserId, expires_on: Option<Date>) -> TokenMade {
    let draft = TokenDraft { expires_on, ..token_draft("deploy") };
    world.tokens.create_personal(&person(user), Some(user), Ok(draft)).await.unwrap()
}

fn by_id(made: &TokenMade) -> PersonalToken {
    PersonalToken::Id(Some(made.shown.record.id))
}

/// Returns the users whose tokens a search finds.
async fn owners(world: &World, caller: &Caller, search: TokenSearch) -> Vec<UserId> {
    let page = world.tokens.list_personal(caller, Ok(search)).await.unwrap();
    page.rows.into_iter().map(|shown| shown.record.user).collect()
}

#[tokio::test]
async fn creating_a_personal_token_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let (ada, bob, root) = (world.user("ada").await, world.user("bob").await, world.root().await);
    let bot = world.project_token(&project, Maintainer).await;
    let (as_bot, bot) = (world.admit_token(&bot.secret).await.unwrap(), bot.shown.record.user);
    let absent = Some(ABSENT.try_into().unwrap());
    let tokens = &world.tokens;
    for (caller, user, expected) in [
        (&Caller::Anonymous, absent, NotSignedIn),
        (&job(ada, project.id), absent, Forbidden),
        (&with_scope(bob, Scope::ReadApi), absent, NotFound(Missing::User)),
        (&with_scope(bob, Scope::ReadApi), None, NotFound(Missing::User)),
        (&with_scope(bob, Scope::ReadApi), Some(ada), InsufficientScope),
        (&as_bot, Some(ada), Forbidden),
        (&as_bot, Some(bot), Forbidden),
        (&person(bob), Some(ada), Forbidden),
        (&root, Some(bot), Forbidden),
        (&person(ada), Some(ada), reported_faults()),
        (&root, Some(ada), reported_faults()),
    ] {
        assert_refused_to(caller, tokens.create_personal(caller, user, faults()).await, &expected);
    }
}

#[tokio::test]
async fn a_new_token_is_accepted_with_each_scope_once_until_it_expires() {
    let world = World::new();
    let (ada, root) = (world.user("ada").await, world.root().await);
    let scopes = vec![Scope::ReadUser, Scope::Api, Scope::ReadUser].try_into().unwrap();
    let draft = TokenDraft { scopes, expires_on: Some(date(2026, 3, 2)), ..token_draft("deploy") };
    let made = world.tokens.create_personal(&root, Some(ada), Ok(draft)).await.unwrap();
    assert!(made.shown.active);
    let Caller::Token(bearer) = world.admit_token(&made.secret).await.unwrap() else { panic!() };
    assert_eq!((bearer.token, bearer.user, bearer.administrator), (made.shown.record.id, ada, false));
    assert_eq!(bearer.scopes, [Scope::Api, Scope::ReadUser]);
    world.advance(12 * 60 * 60);
    assert_refused(world.admit_token(&made.secret).await, &TokenRefusal::Expired.into());
    assert!(!world.tokens.get_personal(&person(ada), by_id(&made)).await.unwrap().active);
}

#[tokio::test]
async fn a_token_is_visible_only_to_its_user_and_to_administrators() {
    let world = World::new();
    let project = world.hello().await;
    let (ada, bob, root) = (world.user("ada").await, world.user("bob").await, world.root().await);
    let made = own_token(&world, ada, None).await;
    let bot = world.project_token(&project, Maintainer).await;
    let as_bot = world.admit_token(&bot.secret).await.unwrap();
    let (tokens, absent) = (&world.tokens, PersonalToken::Id(None));
    for (caller, token, expected) in [
        (&Caller::Anonymous, absent, NotSignedIn),
        (&job(ada, project.id), absent, Forbidden),
        (&job(ada, project.id), PersonalToken::Own, Forbidden),
        (&with_scope(bob, Scope::ReadUser), absent, NotFound(Missing::Token)),
        (&with_scope(bob, Scope::ReadUser), by_id(&made), NotFound(Missing::Token)),
        (&root, by_id(&bot), NotFound(Missing::Token)),
        (&as_bot, by_id(&bot), NotFound(Missing::Token)),
    ] {
        assert_refused_to(caller, tokens.get_personal(caller, token).await, &expected);
        assert_refused_to(caller, tokens.revoke_personal(caller, token).await, &expected);
        assert_refused_to(caller, tokens.rotate_personal(caller, token, faults()).await, &expected);
    }
    assert_refused(tokens.get_personal(&with_scope(ada, Scope::ReadUser), by_id(&made)).await, &InsufficientScope);
    for caller in [with_scope(ada, Scope::ReadApi), root] {
        assert_eq!(tokens.get_personal(&caller, by_id(&made)).await.unwrap(), made.shown);
    }
    assert_eq!(tokens.get_personal(&as_bot, PersonalToken::Own).await.unwrap(), bot.shown);
}

#[tokio::test]
async fn a_user_lists_their_own_tokens_and_an_administrator_all() {
    let world = World::new();
    let project = world.hello().await;
    let (ada, bob, root) = (world.user("ada").await, world.user("bob").await, world.root().await);
    own_token(&world, ada, Some(date(2026, 3, 1))).await;
    own_token(&world, bob, None).await;
    world.project_token(&project, Maintainer).await;
    let tokens = &world.tokens;
    for (caller, expected) in [
        (Caller::Anonymous, NotSignedIn),
        (job(ada, project.id), Forbidden),
        (with_scope(ada, Scope::ReadUser), InsufficientScope),
        (person(ada), reported_faults()),
    ] {
        assert_refused_to(&caller, tokens.list_personal(&caller, faults()).await, &expected);
    }
    let of_bob = TokenSearch { user: Some(bob), ..TokenSearch::default() };
    assert_refused(tokens.list_personal(&person(ada), Ok(of_bob.clone())).await, &Forbidden);
    assert_eq!(owners(&world, &person(ada), TokenSearch::default()).await, [ada]);
    assert_eq!(owners(&world, &root, TokenSearch::default()).await, [ada, bob]);
    assert_eq!(owners(&world, &root, of_bob).await, [bob]);
    for (active, expected) in [(true, bob), (false, ada)] {
        let search = TokenSearch { active: Some(active), ..TokenSearch::default() };
        assert_eq!(owners(&world, &root, search).await, [expected]);
    }
    let search = TokenSearch { text: Some("x".repeat(256)), page: PageRequest::default(), ..TokenSearch::default() };
    assert_eq!(owners(&world, &root, search).await, []);
}

#[tokio::test]
async fn a_token_revokes_itself_without_a_scope_but_others_only_with_one() {
    let world = World::new();
    let project = world.hello().await;
    let ada = world.user("ada").await;
    let (first, second) = (own_token(&world, ada, None).await, own_token(&world, ada, None).await);
    let tokens = &world.tokens;
    let reading = with_scope(ada, Scope::ReadApi);
    assert_refused(tokens.revoke_personal(&reading, by_id(&first)).await, &InsufficientScope);
    let bot = world.admit_token(&world.project_token(&project, Maintainer).await.secret).await.unwrap();
    assert_refused(tokens.revoke_personal(&bot, PersonalToken::Own).await, &Forbidden);

    let Caller::Token(mut bearer) = world.admit_token(&first.secret).await.unwrap() else { panic!() };
    assert_eq!(bearer.kind, TokenKind::Personal);
    bearer.scopes.clear();
    tokens.revoke_personal(&Caller::Token(bearer), PersonalToken::Own).await.unwrap();
    tokens.revoke_personal(&person(ada), by_id(&second)).await.unwrap();
    for token in [&first, &second] {
        assert_refused(world.admit_token(&token.secret).await, &TokenRefusal::Revoked.into());
    }
    let revoked = TokenSearch { revoked: Some(true), ..TokenSearch::default() };
    assert_eq!(owners(&world, &person(ada), revoked).await, [ada, ada]);
}

#[tokio::test]
async fn a_rotated_token_replaces_the_old_one_at_once() {
    let world = World::new();
    let (ada, root) = (world.user("ada").await, world.root().await);
    let old = own_token(&world, ada, Some(date(2030, 1, 1))).await;
    let tokens = &world.tokens;
    let reading = with_scope(ada, Scope::ReadApi);
    assert_refused(tokens.rotate_personal(&reading, by_id(&old), faults()).await, &InsufficientScope);
    assert_refused(tokens.rotate_personal(&person(ada), by_id(&old), faults()).await, &reported_faults());

    let caller = world.admit_token(&old.secret).await.unwrap();
    let new = tokens.rotate_personal(&caller, PersonalToken::Own, Ok(None)).await.unwrap();
    assert_refused(world.admit_token(&old.secret).await, &TokenRefusal::Revoked.into());
    assert_eq!(world.admit_token(&new.secret).await.unwrap().user(), Some(ada));
    assert_eq!(new.shown.record.expires_on, Some(date(2030, 1, 1)));
    assert_refused(tokens.rotate_personal(&person(ada), by_id(&old), Ok(None)).await, &TokenRevoked);
    let newest = tokens.rotate_personal(&root, by_id(&new), Ok(Some(date(2031, 1, 1)))).await.unwrap();
    assert_eq!((newest.shown.record.user, newest.shown.record.expires_on), (ada, Some(date(2031, 1, 1))));
}
