//! Project tokens, and the bots as which they act.

use release_links_domain::TokenId;
use release_links_domain::access::AccessLevel::{Developer, Maintainer};
use release_links_domain::project::Project;
use release_links_domain::token::TokenKind;
use release_links_ports::{
    NewProjectToken, NewRelease, PageRequest, SearchedFields, TokenFilter, TokenRecord, UserFilter, WriteError,
};

use crate::scene::{Scene, at, by_id, key, new_release, new_token, reader};
use crate::tokens::{find, job_token, made_for_project, project_token, renewal};

async fn listed_of_project(scene: &Scene, project: &Project) -> Vec<TokenRecord> {
    let all = TokenFilter::default();
    let view =
        scene.store.tokens.list_of_project(&by_id(project), reader(None), &all, PageRequest::default()).await.unwrap();
    view.unwrap().found.unwrap().rows
}

async fn of_project(scene: &Scene, project: &Project, token: TokenId) -> Option<TokenRecord> {
    let view = scene.store.tokens.get_of_project(&by_id(project), reader(None), Some(token)).await.unwrap();
    view.unwrap().found
}

pub async fn a_project_token_is_created_with_a_bot_that_is_a_member(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let record = made_for_project(&scene, project, 7).await;
    assert_eq!((record.kind, record.level), (TokenKind::Project { project }, Some(Developer)));
    let bot = scene.store.users.get(record.user).await.unwrap().unwrap();
    assert_eq!((bot.username.as_str(), bot.name.as_str()), (format!("project_{project}_bot_7").as_str(), "automation"));
    assert!(bot.bot && !bot.administrator);
    let seen = scene.store.projects.get(&by_id(&start.project), reader(Some(bot.id))).await.unwrap().unwrap();
    assert_eq!((seen.level, seen.found.unwrap().project_access), (Some(Developer), Some(Developer)));
    assert_eq!(find(&scene, 7).await.unwrap().kind, TokenKind::Project { project });
    assert_eq!(of_project(&scene, &start.project, record.id).await.as_ref(), Some(&record));
    assert_eq!(listed_of_project(&scene, &start.project).await, [record]);

    let same_name = NewProjectToken { token: new_token(8), ..project_token(project, 7) };
    let refused = scene.store.tokens.create_for_project(same_name).await;
    assert!(matches!(refused, Err(WriteError::Conflict(()))), "{refused:?}");
    let same_digest = NewProjectToken { token: new_token(7), ..project_token(project, 8) };
    let refused = scene.store.tokens.create_for_project(same_digest).await;
    assert!(matches!(refused, Err(WriteError::Conflict(()))), "{refused:?}");
    let filter = UserFilter { username: Some(format!("project_{project}_bot_8")), ..UserFilter::default() };
    assert_eq!(scene.store.users.list(&filter, SearchedFields::Names, PageRequest::default()).await.unwrap().rows, []);
}

pub async fn revoking_a_project_token_deletes_its_bot(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let old = made_for_project(&scene, project, 7).await;
    let record = scene.store.tokens.rotate(Some(project), old.id, renewal(8)).await.unwrap();
    let release = NewRelease { author: Some(record.user), ..new_release(project, "v2.0") };
    scene.made(release).await;

    assert!(scene.store.tokens.revoke(Some(project), record.id).await.unwrap());
    for byte in [7, 8] {
        let facts = find(&scene, byte).await.unwrap();
        assert!(facts.revoked, "{facts:?}");
        assert_eq!(facts.user, None);
    }
    assert_eq!(scene.store.users.get(record.user).await.unwrap(), None);
    assert_eq!(scene.store.tokens.get(record.id).await.unwrap(), None);
    assert_eq!(of_project(&scene, &start.project, record.id).await, None);
    assert_eq!(listed_of_project(&scene, &start.project).await, []);
    let release = scene.store.releases.get(&key(&start.project, "v2.0")).await.unwrap().unwrap().found.unwrap();
    assert_eq!(release.author, None);
    assert!(!scene.store.tokens.revoke(Some(project), record.id).await.unwrap());
}

/// Returns all usernames, and whether any token with these digests still authenticates.
async fn left(scene: &Scene, digests: &[u8]) -> (Vec<String>, bool) {
    let all = UserFilter::default();
    let users =
        scene.store.users.list(&all, SearchedFields::Names, PageRequest { page: 1, per_page: 100 }).await.unwrap().rows;
    let mut in_force = false;
    for &byte in digests {
        in_force |= find(scene, byte).await.is_some_and(|facts| facts.user.is_some() || !facts.revoked);
    }
    (users.into_iter().map(|user| user.username.to_string()).collect(), in_force)
}

/// Creates a project token and rotates it, and adds what a bot could have in an older version: tokens of its own and
/// for a job, and a project in its namespace with a token. The digests are 7 to 11; returns the record of the token in
/// force.
async fn busy_bot(scene: &Scene, project: &Project) -> TokenRecord {
    let tokens = &scene.store.tokens;
    let old = made_for_project(scene, project.id, 7).await;
    let record = tokens.rotate(Some(project.id), old.id, renewal(8)).await.unwrap();
    tokens.create_personal(record.user, new_token(9)).await.unwrap();
    tokens.create_for_job(job_token(project.id, record.user, 10)).await.unwrap();
    let nested = scene.project(scene.own_namespace(record.user).await, "nested", record.user).await;
    made_for_project(scene, nested.id, 11).await;
    record
}

pub async fn nothing_of_a_bot_is_left_once_its_rotated_token_is_revoked(scene: Scene) {
    let start = scene.start().await;
    let record = busy_bot(&scene, &start.project).await;
    assert!(left(&scene, &[8]).await.1);
    assert!(scene.store.tokens.revoke(Some(start.project.id), record.id).await.unwrap());
    assert_eq!(left(&scene, &[7, 8, 9, 10, 11]).await, (vec!["ada".to_owned()], false));
    let members = scene.store.projects.get(&by_id(&start.project), reader(Some(record.user))).await.unwrap().unwrap();
    assert_eq!(members.level, None);
}

pub async fn nothing_of_a_bot_is_left_once_its_project_is_deleted(scene: Scene) {
    let start = scene.start().await;
    let old = made_for_project(&scene, start.project.id, 7).await;
    let record = scene.store.tokens.rotate(Some(start.project.id), old.id, renewal(8)).await.unwrap();
    scene.store.tokens.create_personal(record.user, new_token(9)).await.unwrap();
    scene.store.tokens.create_for_job(job_token(start.project.id, record.user, 10)).await.unwrap();
    assert!(scene.store.projects.delete(start.project.id).await.unwrap());
    assert_eq!(left(&scene, &[7, 8, 9, 10]).await, (vec!["ada".to_owned()], false));
}

pub async fn the_level_of_a_bot_is_that_in_its_own_project(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(scene.own_namespace(start.owner.id).await, "other", start.owner.id).await;
    let record = made_for_project(&scene, start.project.id, 7).await;
    scene.project_member(other.id, record.user, Maintainer).await;
    assert_eq!(of_project(&scene, &start.project, record.id).await.unwrap().level, Some(Developer));
    assert!(!find(&scene, 7).await.unwrap().revoked);
}

pub async fn a_rotated_project_token_keeps_its_bot(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let old = made_for_project(&scene, project, 7).await;
    let new = scene.store.tokens.rotate(Some(project), old.id, renewal(8)).await.unwrap();
    assert_eq!(new, TokenRecord { id: new.id, created_at: at(9), ..old.clone() });
    assert_eq!(listed_of_project(&scene, &start.project).await, [new]);
    assert_eq!(of_project(&scene, &start.project, old.id).await, None);
    assert!(find(&scene, 7).await.unwrap().revoked);
    assert_eq!(find(&scene, 8).await.unwrap().user, Some(old.user));
}

pub async fn a_token_of_another_project_is_not_found_rotated_or_revoked(scene: Scene) {
    let start = scene.start().await;
    let other = scene.project(scene.own_namespace(start.owner.id).await, "other", start.owner.id).await;
    let tokens = &scene.store.tokens;
    let of_project_token = made_for_project(&scene, start.project.id, 7).await;
    let personal = tokens.create_personal(start.owner.id, new_token(8)).await.unwrap();
    let job = tokens.create_for_job(job_token(start.project.id, start.owner.id, 9)).await.unwrap();

    for (project, token) in [
        (Some(other.id), of_project_token.id),
        (None, of_project_token.id),
        (Some(start.project.id), personal.id),
        (None, job.id),
        (Some(start.project.id), job.id),
    ] {
        let refused = tokens.rotate(project, token, renewal(10)).await;
        assert!(matches!(refused, Err(WriteError::Gone)), "{project:?} {token}");
        assert!(!tokens.revoke(project, token).await.unwrap(), "{project:?} {token}");
    }
    assert_eq!(of_project(&scene, &other, of_project_token.id).await, None);
    assert_eq!(listed_of_project(&scene, &other).await, []);
    for token in [personal.id, job.id] {
        assert_eq!(of_project(&scene, &start.project, token).await, None);
    }
    for byte in [7, 8, 9] {
        assert!(!find(&scene, byte).await.unwrap().revoked);
    }
}
