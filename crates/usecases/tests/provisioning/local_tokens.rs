//! Tokens that an operator creates, lists and revokes directly in the database
//! (docs/contract.md, "Starting the server").

use release_links_domain::access::AccessLevel::Developer;
use release_links_domain::job::JobDuration;
use release_links_domain::token::TokenRefusal;
use release_links_usecases::{JobDraft, LocalTokenError, Presented};

use crate::world::{ABSENT, World, assert_refused, person, token_draft};

#[tokio::test]
async fn a_token_created_locally_is_accepted_for_its_user() {
    let world = World::new();
    let ada = world.user("ada").await;
    let secret = world.local_tokens.create("ADA", token_draft("a")).await.unwrap();
    assert_eq!(world.admit_token(&secret).await.unwrap().user(), Some(ada));
    let unknown = world.local_tokens.create("absent", token_draft("a")).await;
    assert!(matches!(unknown, Err(LocalTokenError::UnknownUser(_))), "{unknown:?}");
}

#[tokio::test]
async fn a_local_list_contains_all_tokens_of_the_user_without_pagination() {
    let world = World::new();
    for name in ["ada", "bob"] {
        world.user(name).await;
        world.local_tokens.create(name, token_draft(name)).await.unwrap();
    }
    for number in 1..=200 {
        world.local_tokens.create("ada", token_draft(&number.to_string())).await.unwrap();
    }
    let listed = world.local_tokens.list("ada").await.unwrap();
    let names: Vec<_> = listed.into_iter().map(|shown| shown.record.name).collect();
    let expected: Vec<_> = ["ada".to_owned()].into_iter().chain((1..=200).map(|number| number.to_string())).collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_token_of_any_kind_is_revoked_locally_by_its_id() {
    let world = World::new();
    let project = world.hello().await;
    let developer = world.member(&project, Developer).await;
    let draft = JobDraft { user: None, lasts: JobDuration::default() };
    let job = world.tokens.create_for_job(&person(developer), "top/hello", Ok(draft)).await.unwrap();
    let made = world.tokens.create_personal(&person(developer), Some(developer), Ok(token_draft("a"))).await.unwrap();
    let of_project = world.project_token(&project, Developer).await;
    for (token, refusal) in
        [(&job, TokenRefusal::Unknown), (&made, TokenRefusal::Revoked), (&of_project, TokenRefusal::Revoked)]
    {
        assert!(world.admit(Presented::Bearer(token.secret.clone())).await.is_ok());
        world.local_tokens.revoke(token.shown.record.id.get()).await.unwrap();
        assert_refused(world.admit(Presented::Bearer(token.secret.clone())).await, &refusal.into());
    }
    for id in [ABSENT, 0, -1, job.shown.record.id.get()] {
        let unknown = world.local_tokens.revoke(id).await;
        assert!(matches!(unknown, Err(LocalTokenError::UnknownToken(_))), "{id}: {unknown:?}");
    }
}
