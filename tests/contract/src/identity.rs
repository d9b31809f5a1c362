//! Users and their tokens.

use release_links_domain::UserId;
use release_links_domain::policy::SudoUser;
use release_links_domain::token::{TokenFacts, TokenKind};
use release_links_ports::{NewUser, TokenDigest, UserTaken, WriteError};

use crate::scene::{Scene, at, new_token, new_user};
use crate::tokens::made_for_project;

pub async fn exactly_one_server_creates_the_first_user(scene: Scene) {
    let outcomes = scene
        .race(|store, racer| async move {
            let user = new_user(&format!("root{racer}"));
            store.users.create_first(user, new_token(u8::try_from(racer).unwrap())).await.unwrap()
        })
        .await;
    let made: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(scene.store.users.get(made[0].id).await.unwrap().as_ref(), made.first());
    let mut bearers = Vec::new();
    for digest in 0..50 {
        bearers.extend(scene.store.credentials.find(&TokenDigest([digest; 32])).await.unwrap());
    }
    assert_eq!(bearers.iter().map(|facts| facts.user).collect::<Vec<_>>(), [Some(made[0].id)]);
    assert_eq!(scene.store.users.create_first(new_user("late"), new_token(99)).await.unwrap(), None);
}

pub async fn a_user_is_stored_with_a_namespace_or_not_at_all(scene: Scene) {
    let ada = scene.store.users.create(NewUser { administrator: true, ..new_user("Ada") }).await.unwrap();
    assert_eq!((ada.username.as_str(), ada.name.as_str()), ("Ada", "The user Ada"));
    assert_eq!((ada.email.as_str(), ada.administrator, ada.bot), ("Ada@example.com", true, false));
    assert_eq!(scene.store.users.get(ada.id).await.unwrap().as_ref(), Some(&ada));
    let namespace = scene.store.projects.namespace(None, ada.id).await.unwrap().unwrap().namespace;
    assert_eq!(namespace.full_path.as_str(), "Ada");

    let same_name =
        scene.store.users.create(NewUser { email: "x@example.com".parse().unwrap(), ..new_user("ADA") }).await;
    assert!(matches!(same_name, Err(WriteError::Conflict(UserTaken::Username))), "{same_name:?}");
    let same_email =
        scene.store.users.create(NewUser { email: "ADA@EXAMPLE.com".parse().unwrap(), ..new_user("bob") }).await;
    assert!(matches!(same_email, Err(WriteError::Conflict(UserTaken::Email))), "{same_email:?}");
    scene.user("bob").await;
    assert_eq!(scene.store.users.get(never()).await.unwrap(), None);
    assert_eq!(scene.store.projects.namespace(None, never()).await.unwrap(), None);
}

fn never() -> UserId {
    1000.try_into().unwrap()
}

pub async fn a_token_is_found_by_its_digest_from_the_next_call_on(scene: Scene) {
    let ada = scene.store.users.create(NewUser { administrator: true, ..new_user("ada") }).await.unwrap();
    let other_store = scene.another_store();
    let (new, digest) = (new_token(7), TokenDigest([7; 32]));
    assert_eq!(other_store.credentials.find(&digest).await.unwrap(), None);

    let record = scene.store.tokens.create_personal(ada.id, new.clone()).await.unwrap();
    assert_eq!((record.user, &record.name, &record.scopes), (ada.id, &new.name, &new.scopes));
    assert_eq!((record.expires_on, record.revoked), (new.expires_on, false));
    assert_eq!((record.created_at, record.last_used_at), (at(6), None));
    let facts = TokenFacts {
        id: record.id,
        kind: TokenKind::Personal,
        user: Some(ada.id),
        administrator: true,
        bot: false,
        scopes: new.scopes,
        expires_on: new.expires_on,
        revoked: false,
    };
    assert_eq!(scene.store.credentials.find(&digest).await.unwrap(), Some(facts.clone()));
    scene.settle();
    assert_eq!(other_store.credentials.find(&digest).await.unwrap(), Some(facts));
    assert_eq!(other_store.credentials.find(&TokenDigest([8; 32])).await.unwrap(), None);
}

pub async fn a_token_is_found_with_the_user_that_its_bearer_asks_to_act_as(scene: Scene) {
    let start = scene.start().await;
    let eve = scene.store.users.create(NewUser { administrator: true, ..new_user("Eve") }).await.unwrap().id;
    // The last administrator cannot be deleted.
    scene.store.users.create(NewUser { administrator: true, ..new_user("root") }).await.unwrap();
    let bob = scene.user("bob").await.id;
    let bot = made_for_project(&scene, start.project.id, 8).await.user;
    scene.group("team", None).await;
    scene.store.tokens.create_personal(bob, new_token(7)).await.unwrap();
    let (token, unknown) = (TokenDigest([7; 32]), TokenDigest([9; 32]));
    let credentials = &scene.store.credentials;
    let found = async |name: &str| {
        let (facts, user) = credentials.find_with_user(&token, &name.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(credentials.find(&token).await.unwrap(), Some(facts));
        user
    };
    let user = |id, administrator, bot| Some(SudoUser { id, administrator, bot });
    assert_eq!(found("EVE").await, user(eve, true, false));
    assert_eq!(found(&eve.to_string()).await, user(eve, true, false));
    assert_eq!(found("bob").await, user(bob, false, false));
    assert_eq!(found(&bot.to_string()).await, user(bot, false, true));
    for nobody in ["team", "nobody", "1000"] {
        assert_eq!(found(nobody).await, None, "{nobody}");
    }
    assert_eq!(credentials.find_with_user(&unknown, &"bob".parse().unwrap()).await.unwrap(), None);
    scene.store.users.delete(eve).await.unwrap();
    assert_eq!((found("eve").await, found(&eve.to_string()).await), (None, None));
}

pub async fn no_digest_is_stored_twice(scene: Scene) {
    let (ada, bob) = (scene.user("ada").await.id, scene.user("bob").await.id);
    scene.store.tokens.create_personal(ada, new_token(7)).await.unwrap();
    let again = scene.store.tokens.create_personal(bob, new_token(7)).await;
    assert!(matches!(again, Err(WriteError::Conflict(()))), "{again:?}");
    assert_eq!(scene.store.credentials.find(&TokenDigest([7; 32])).await.unwrap().unwrap().user, Some(ada));
}

pub async fn a_token_needs_a_user_that_exists(scene: Scene) {
    assert!(matches!(scene.store.tokens.create_personal(never(), new_token(7)).await, Err(WriteError::Gone)));
    assert_eq!(scene.store.credentials.find(&TokenDigest([7; 32])).await.unwrap(), None);
}

pub async fn storage_answers(scene: Scene) {
    scene.store.health.ping().await.unwrap();
    scene.another_store().health.ping().await.unwrap();
}
