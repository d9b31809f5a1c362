//! Users.

use Refusal::{Forbidden, InsufficientScope, NotFound, NotSignedIn};
use release_links_domain::access::AccessLevel::{Maintainer, Owner};
use release_links_domain::project::Visibility::{Private, Public};
use release_links_domain::token::{Caller, Scope, TokenRefusal};
use release_links_ports::{PageRequest, UserChanges, UserFilter};
use release_links_usecases::{Missing, Refusal, Taken, UserDraft};

use crate::world::{ABSENT, World, assert_refused, faults, job, person, reported_faults, token_draft, with_scope};

fn draft(username: &str, email: &str) -> UserDraft {
    UserDraft {
        username: username.parse().unwrap(),
        name: "Countess".parse().unwrap(),
        email: email.parse().unwrap(),
        administrator: false,
    }
}

fn search(text: &str) -> (Option<UserFilter>, PageRequest) {
    (Some(UserFilter { search: Some(text.to_owned()), ..UserFilter::default() }), PageRequest::default())
}

#[tokio::test]
async fn creating_a_user_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let ada = world.user("ada").await;
    let bot = world.project_token(&project, Owner).await;
    let users = &world.users;
    assert_refused(users.create(&Caller::Anonymous, faults()).await, &NotSignedIn);
    assert_refused(users.create(&with_scope(ada, Scope::ReadApi), faults()).await, &InsufficientScope);
    assert_refused(users.create(&world.admit_token(&bot.secret).await.unwrap(), faults()).await, &Forbidden);
    assert_refused(users.create(&job(ada, project.id), faults()).await, &Forbidden);
    assert_refused(users.create(&person(ada), faults()).await, &Forbidden);
    let root = world.root().await;
    assert_refused(users.create(&root, faults()).await, &reported_faults());
    let username_and_email = draft("TOP", "ADA@example.com");
    assert_refused(users.create(&root, Ok(username_and_email)).await, &Refusal::Taken(Taken::Username));
    assert_refused(users.create(&root, Ok(draft("b", "ADA@example.com"))).await, &Refusal::Taken(Taken::Email));
    let made = users.create(&root, Ok(draft("b", "b@example.com"))).await.unwrap();
    assert_eq!(users.get(&root, Some(made.id)).await.unwrap().user, made);
    assert_eq!((made.name.as_str(), made.administrator, made.bot), ("Countess", false, false));
}

#[tokio::test]
async fn changing_or_deleting_a_user_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let bot = world.project_token(&project, Owner).await;
    let root = world.root().await;
    let absent = Some(ABSENT.try_into().unwrap());
    let as_bot = world.admit_token(&bot.secret).await.unwrap();
    for (caller, user, expected) in [
        (&Caller::Anonymous, absent, NotSignedIn),
        (&job(ada, project.id), absent, Forbidden),
        (&with_scope(ada, Scope::ReadApi), absent, NotFound(Missing::User)),
        (&root, None, NotFound(Missing::User)),
        (&with_scope(ada, Scope::ReadApi), Some(ada), InsufficientScope),
        (&as_bot, Some(ada), Forbidden),
        (&person(bob), Some(ada), Forbidden),
        (&person(ada), Some(ada), Forbidden),
        // A bot is changed and deleted only through its token.
        (&root, Some(bot.shown.record.user), Forbidden),
    ] {
        assert_refused(world.users.update(caller, user, faults()).await, &expected);
        assert_refused(world.users.delete(caller, user).await, &expected);
    }
    assert_refused(world.users.update(&root, Some(ada), faults()).await, &reported_faults());
    let changes = UserChanges { username: Some("BOB".parse().unwrap()), ..UserChanges::default() };
    assert_refused(world.users.update(&root, Some(ada), Ok(changes)).await, &Refusal::Taken(Taken::Username));
    assert_eq!(world.users.get(&root, Some(ada)).await.unwrap().user.username.as_str(), "ada");
}

#[tokio::test]
async fn reading_users_is_refused_in_the_order_of_the_contract() {
    let world = World::new();
    let project = world.hello().await;
    let ada = world.user("ada").await;
    let users = &world.users;
    let absent = Some(ABSENT.try_into().unwrap());
    assert_refused(users.list(&Caller::Anonymous, faults()).await, &NotSignedIn);
    assert_refused(users.get(&Caller::Anonymous, absent).await, &NotSignedIn);
    assert_refused(users.list(&job(ada, project.id), faults()).await, &Forbidden);
    assert_refused(users.get(&job(ada, project.id), absent).await, &Forbidden);
    let scopeless = with_scope(ada, Scope::ReadUser);
    assert_refused(users.get(&scopeless, absent).await, &NotFound(Missing::User));
    assert_refused(users.get(&scopeless, Some(ada)).await, &InsufficientScope);
    assert_refused(users.list(&scopeless, faults()).await, &InsufficientScope);
    assert_refused(users.list(&person(ada), faults()).await, &reported_faults());
}

#[tokio::test]
async fn only_the_user_and_administrators_read_an_email_address_and_only_administrators_search_by_it() {
    let world = World::new();
    let (ada, bob, root) = (world.user("ada").await, world.user("bob").await, world.root().await);
    for (caller, in_full) in [(person(ada), true), (person(bob), false), (root.clone(), true)] {
        assert_eq!(world.users.get(&caller, Some(ada)).await.unwrap().in_full, in_full, "{caller:?}");
    }
    for (caller, found) in [(person(ada), 0), (person(bob), 0), (root, 1)] {
        assert_eq!(
            world.users.list(&caller, Ok(search("ada@example.com"))).await.unwrap().rows.len(),
            found,
            "{caller:?}"
        );
    }
    let found = world.users.list(&person(bob), Ok(search("ADA"))).await.unwrap();
    assert_eq!(found.rows.iter().map(|shown| shown.user.id).collect::<Vec<_>>(), [ada]);
    assert_eq!(world.users.list(&person(bob), Ok(search(&"x".repeat(256)))).await.unwrap().total, Some(0));
}

#[tokio::test]
async fn the_current_user_is_the_one_that_the_token_acts_as() {
    let world = World::new();
    let project = world.hello().await;
    let ada = world.user("ada").await;
    let bot = world.project_token(&project, Maintainer).await;
    let as_bot = world.admit_token(&bot.secret).await.unwrap();
    for (caller, user) in [(person(ada), ada), (job(ada, project.id), ada), (as_bot, bot.shown.record.user)] {
        assert_eq!(world.users.current(&caller).await.unwrap().id, user, "{caller:?}");
    }
    assert_refused(world.users.current(&Caller::Anonymous).await, &NotSignedIn);
    assert_refused(world.users.current(&with_scope(ada, Scope::ReadUser)).await, &InsufficientScope);
    world.storage.users.delete(ada).await.unwrap();
    assert_refused(world.users.current(&person(ada)).await, &NotFound(Missing::User));
}

#[tokio::test]
async fn the_last_administrator_and_the_last_owner_of_a_group_cannot_be_removed() {
    let world = World::new();
    let root = world.root().await;
    let lowered = || Ok(UserChanges { administrator: Some(false), ..UserChanges::default() });
    assert_refused(world.users.update(&root, root.user(), lowered()).await, &Forbidden);
    assert_refused(world.users.delete(&root, root.user()).await, &Forbidden);
    let group = world.group("top", None, Public).await.id;
    let owner = world.group_member(group, Owner).await;
    assert_refused(world.users.delete(&root, Some(owner)).await, &Refusal::LastOwner);

    let second = UserDraft { administrator: true, ..draft("second", "second@example.com") };
    let second = world.users.create(&root, Ok(second)).await.unwrap().id;
    world.join_group(group, second, Owner).await;
    world.users.delete(&root, Some(owner)).await.unwrap();
    assert!(!world.users.update(&root, root.user(), lowered()).await.unwrap().administrator);
}

#[tokio::test]
async fn renaming_a_user_moves_their_projects_and_deleting_a_user_deletes_them() {
    let world = World::new();
    let (ada, root) = (world.user("ada").await, world.root().await);
    let project = world.project(world.own_namespace(ada).await, "hello", Private).await;
    let token = world.tokens.create_personal(&person(ada), Some(ada), Ok(token_draft("a"))).await.unwrap();
    let changes = UserChanges { username: Some("countess".parse().unwrap()), ..UserChanges::default() };
    world.users.update(&root, Some(ada), Ok(changes)).await.unwrap();
    let full_path = "countess/hello".parse().unwrap();
    assert_refused(world.projects.get(&root, "ada/hello").await, &Refusal::Moved { id: project.id, full_path });

    world.users.delete(&root, Some(ada)).await.unwrap();
    assert_refused(world.projects.get(&root, "countess/hello").await, &NotFound(Missing::Project));
    assert_refused(world.admit_token(&token.secret).await, &TokenRefusal::Unknown.into());
    assert_refused(world.users.delete(&root, Some(ada)).await, &NotFound(Missing::User));
}
