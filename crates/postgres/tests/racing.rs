//! Races between two servers on one database: the outcome is always that of some serial order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test target needs a part of it")]
mod scene;

use std::future::Future;

use release_links_contract::Storage;
use release_links_domain::link::{Change, LinkChanges, LinkConflict, OnConflict, Outcome};
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_domain::{LinkId, ProjectId, ReleaseId, TokenId};
use release_links_ports::{
    IfExists, LinkNotCreated, LinkRefused, NewJobToken, NewProjectToken, NewRelease, Precondition, Renewal, WriteError,
};

use scene::{Scene, day, digest, key, new_project, new_release, new_token, origin, plain, user};

/// The number of runs per race, as some orders are rare.
const ROUNDS: u8 = 25;

/// Runs two operations concurrently, each on its own server.
fn race<A: Send + 'static, B: Send + 'static>(
    scene: &Scene,
    one: impl Future<Output = A> + Send + 'static,
    two: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    scene.wait(async {
        let (one, two) = (tokio::spawn(one), tokio::spawn(two));
        (one.await.unwrap(), two.await.unwrap())
    })
}

/// Returns the result of a write, or `None` if its parent was deleted. Any other failure panics.
fn unless_gone<T, E: std::fmt::Debug>(outcome: Result<T, WriteError<E>>) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(WriteError::Gone) => None,
        Err(error) => panic!("{error:?}"),
    }
}

fn renamed(name: &str) -> LinkChanges {
    LinkChanges { name: Some(name.parse().unwrap()), ..LinkChanges::default() }
}

fn renewal(number: u8) -> Renewal {
    Renewal { digest: digest(number), expires_on: None, created_at: day() }
}

fn job(project: ProjectId, user: release_links_domain::UserId, number: u8) -> NewJobToken {
    NewJobToken { project, user, digest: digest(number), created_at: day(), ends_at: day() }
}

async fn create(ports: Storage, project: ProjectId, release: ReleaseId, names: Vec<String>) -> Vec<LinkId> {
    let mut created = Vec::new();
    for name in names {
        created.extend(
            unless_gone(
                ports.links.create(project, release, plain(&name).into(), Some(OnConflict::Fail), origin()).await,
            )
            .map(|(link, _)| link.id),
        );
    }
    created
}

#[test]
fn a_link_is_added_before_its_release_is_deleted_or_not_at_all() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    let names = ["b", "c", "d"].map(str::to_owned).to_vec();
    for _ in 0..ROUNDS {
        let release = scene.wait(one.releases.create(new_release(project, "v2.0"))).unwrap().0.id;
        let removing = one.clone();
        let (created, removed) = race(&scene, create(two.clone(), project, release, names.clone()), async move {
            removing.releases.delete(project, release, false, Precondition::NONE, origin()).await.unwrap()
        });
        let seen: Vec<_> = removed.links.iter().rev().map(|link| link.id).collect();
        assert_eq!(created, seen);
    }
    assert_eq!(scene.count("links"), 1);
}

/// A release of `v2.0` with this description and a link `b` that is to replace the one of the tag.
fn replacing(project: ProjectId, text: &str) -> NewRelease {
    let changes = ReleaseChanges { description: Change::Set(text.to_owned()), ..ReleaseChanges::default() };
    let new = new_release(project, "v2.0");
    NewRelease { links: vec![plain("b")].into(), if_exists: IfExists::Replace(changes), ..new }
}

#[test]
fn a_release_is_made_immutable_on_a_new_connection_while_links_are_added_to_another() {
    let scene = Scene::new();
    let (one, project, release) = (scene.ports.clone(), scene.project.id, scene.release.id);
    for round in 0..ROUNDS {
        let other = scene.wait(one.releases.create(new_release(project, &format!("f{round}")))).unwrap().0.id;
        // It has prepared no statement yet, so nothing may depend on the order in which that is done.
        let new = scene.another_store();
        let names = (0..10).map(|number| format!("l{round}-{number}")).collect();
        let (_, (locked, _)) = race(&scene, create(one.clone(), project, release, names), async move {
            new.releases.set_immutable(project, other, true, origin()).await.unwrap()
        });
        assert!(locked.immutable);
    }
}

#[test]
fn a_release_is_replaced_before_it_is_deleted_or_created_after_it() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    for round in 0..ROUNDS {
        let (old, _) = scene.wait(one.releases.create(new_release(project, "v2.0"))).unwrap();
        let (removing, sending, new) = (one.clone(), two.clone(), replacing(project, &round.to_string()));
        let ((sent, outcome), removed) =
            race(&scene, async move { sending.releases.create(new).await.unwrap() }, async move {
                removing.releases.delete(project, old.id, false, Precondition::NONE, origin()).await.unwrap()
            });
        match outcome {
            Outcome::Replaced => assert_eq!(removed, sent),
            _ => assert_eq!((removed.description, outcome), (None, Outcome::Created)),
        }
        let left = scene.wait(one.releases.delete(project, sent.id, false, Precondition::NONE, origin()));
        assert_eq!(left.is_ok(), outcome == Outcome::Created);
    }
}

#[test]
fn a_link_is_added_before_its_release_is_replaced_or_meets_what_replaced_it() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    for round in 0..ROUNDS {
        let id = scene.wait(one.releases.create(new_release(project, "v2.0"))).unwrap().0.id;
        let (adding, sending, new) = (one.clone(), two.clone(), replacing(project, &round.to_string()));
        let ((sent, outcome), added) =
            race(&scene, async move { sending.releases.create(new).await.unwrap() }, async move {
                adding.links.create(project, id, plain("b").into(), Some(OnConflict::Fail), origin()).await
            });
        assert_eq!((outcome, sent.links.len()), (Outcome::Replaced, 1));
        match added {
            Ok((link, _)) => assert_eq!(link, sent.links[0]),
            Err(WriteError::Conflict(LinkNotCreated::Faults(faults))) => {
                assert_eq!(faults.taken().name, Some(sent.links[0].id));
            }
            Err(error) => panic!("{error:?}"),
        }
        scene.wait(one.releases.delete(project, id, false, Precondition::NONE, origin())).unwrap();
    }
}

#[test]
fn deleting_a_link_returns_its_last_state() {
    let scene = Scene::new();
    let (one, two, project, release) = (scene.ports.clone(), scene.another_store(), scene.project.id, scene.release.id);
    for _ in 0..ROUNDS {
        let (link, _) = scene
            .wait(one.links.create(project, release, plain("b").into(), Some(OnConflict::Fail), origin()))
            .unwrap();
        let (id, removing, updating) = (link.id, one.clone(), two.clone());
        let (updated, removed) = race(
            &scene,
            async move {
                unless_gone(
                    updating.links.update(project, release, id, renamed("c"), Precondition::NONE, origin()).await,
                )
            },
            async move { removing.links.delete(project, release, id, Precondition::NONE, origin()).await.unwrap() },
        );
        assert_eq!(removed, updated.unwrap_or(link));
    }
}

#[test]
fn of_an_update_and_a_creation_with_the_same_link_name_exactly_one_succeeds() {
    let scene = Scene::new();
    let (one, two, project, release) = (scene.ports.clone(), scene.another_store(), scene.project.id, scene.release.id);
    let is_name_alone = |taken: LinkConflict| taken.name.is_some() && taken.url.is_none();
    for round in 0..ROUNDS {
        let id = scene
            .wait(one.links.create(
                project,
                release,
                plain(&format!("old{round}")).into(),
                Some(OnConflict::Fail),
                origin(),
            ))
            .unwrap()
            .0
            .id;
        let (changing, creating, name) = (one.clone(), two.clone(), format!("new{round}"));
        let to_name = renamed(&name);
        let (changed, created) = race(
            &scene,
            async move { changing.links.update(project, release, id, to_name, Precondition::NONE, origin()).await },
            async move {
                creating.links.create(project, release, plain(&name).into(), Some(OnConflict::Fail), origin()).await
            },
        );
        let lost_changing = match &changed {
            Ok(_) => false,
            Err(WriteError::Conflict(LinkRefused::Taken(taken))) => is_name_alone(*taken),
            Err(error) => panic!("{error:?}"),
        };
        let lost_creating = match &created {
            Ok(_) => false,
            Err(WriteError::Conflict(LinkNotCreated::Faults(faults))) => is_name_alone(faults.taken()),
            Err(error) => panic!("{error:?}"),
        };
        assert!(lost_changing != lost_creating, "{changed:?} {created:?}");
    }
}

#[test]
fn a_release_is_created_before_its_project_is_deleted_or_not_at_all() {
    let scene = Scene::new();
    let (one, two) = (scene.ports.clone(), scene.another_store());
    for round in 0..ROUNDS {
        let new = new_project(scene.project.namespace.id, &format!("p{round}"), scene.user);
        let project = scene.wait(one.projects.create(new)).unwrap().id;
        let (removing, releasing) = (one.clone(), two.clone());
        let new =
            NewRelease { author: Some(scene.user), links: vec![plain("a")].into(), ..new_release(project, "v1.0") };
        let (_, removed) = race(&scene, async move { unless_gone(releasing.releases.create(new).await) }, async move {
            removing.projects.delete(project).await.unwrap()
        });
        assert!(removed);
        assert_eq!((scene.count("releases"), scene.count("tags"), scene.count("links")), (1, 1, 1));
    }
}

#[test]
fn a_release_has_no_author_if_the_author_is_deleted_meanwhile() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    for round in 0..ROUNDS {
        let author = scene.wait(user(&one, &format!("u{round}"))).id;
        let (removing, releasing, tag) = (one.clone(), two.clone(), format!("r{round}"));
        let new = NewRelease { author: Some(author), ..new_release(project, &tag) };
        let (made, removed) =
            race(&scene, async move { releasing.releases.create(new).await.unwrap().0 }, async move {
                removing.users.delete(author).await
            });
        removed.unwrap();
        let found = scene.wait(one.releases.get(&key(project, &tag, scene.user))).unwrap().unwrap().found.unwrap();
        assert_eq!(found, Release { author: None, ..made });
    }
}

#[test]
fn a_tag_is_not_deleted_while_a_release_is_created_for_it() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    for round in 0..ROUNDS {
        let tag = format!("t{round}");
        let release = scene.wait(one.releases.create(new_release(project, &tag))).unwrap().0.id;
        scene.wait(one.releases.delete(project, release, false, Precondition::NONE, origin())).unwrap();
        let (removing, releasing, new, name) =
            (one.clone(), two.clone(), new_release(project, &tag), tag.parse().unwrap());
        let (made, removed) = race(&scene, async move { releasing.releases.create(new).await }, async move {
            removing.tags.delete(project, name).await
        });
        made.unwrap();
        assert!(matches!(removed, Ok(()) | Err(WriteError::Conflict(()))), "{removed:?}");
        let found = scene.wait(one.tags.get(&key(project, &tag, scene.user))).unwrap().unwrap().found.unwrap().tag;
        assert!(found.is_some_and(|tag| tag.release.is_some()));
    }
}

#[test]
fn a_token_is_created_or_rotated_before_its_user_is_deleted_or_not_at_all() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    for round in 0..ROUNDS {
        let user = scene.wait(user(&one, &format!("u{round}"))).id;
        let token = scene.wait(one.tokens.create_personal(user, new_token(2))).unwrap().id;
        let (removing, making) = (one.clone(), two.clone());
        let ((), removed) = race(
            &scene,
            async move {
                unless_gone(making.tokens.rotate(None, token, renewal(3)).await);
                unless_gone(making.tokens.create_personal(user, new_token(4)).await);
                unless_gone(making.tokens.create_for_job(job(project, user, 5)).await);
            },
            async move { removing.users.delete(user).await },
        );
        removed.unwrap();
        assert_eq!(scene.count("tokens"), 1);
    }
}

/// Creates a project token with a bot.
fn project_token(scene: &Scene, project: ProjectId, name: &str, number: u8) -> TokenId {
    let level = release_links_domain::access::AccessLevel::Developer;
    let new = NewProjectToken { project, level, username: name.parse().unwrap(), token: new_token(number) };
    scene.wait(scene.ports.tokens.create_for_project(new)).unwrap().id
}

#[test]
fn a_project_token_is_either_rotated_or_revoked() {
    let scene = Scene::new();
    let (one, two, project) = (scene.ports.clone(), scene.another_store(), scene.project.id);
    let mut number = 1;
    for round in 0..ROUNDS {
        let token = project_token(&scene, project, &format!("bot{round}"), number + 1);
        number += 2;
        let (revoking, renewing) = (one.clone(), two.clone());
        let (renewed, revoked) = race(
            &scene,
            async move { unless_gone(renewing.tokens.rotate(Some(project), token, renewal(number)).await) },
            async move { revoking.tokens.revoke(Some(project), token).await.unwrap() },
        );
        assert!(renewed.is_some() != revoked, "renewed: {renewed:?}, revoked: {revoked}");
        let found = scene.wait(one.credentials.find(&digest(number))).unwrap();
        assert_eq!(found.map(|token| token.revoked), renewed.map(|_| false));
    }
}

#[test]
fn a_project_token_is_rotated_before_its_project_is_deleted_or_not_at_all() {
    let scene = Scene::new();
    let (one, two) = (scene.ports.clone(), scene.another_store());
    for round in 0..ROUNDS {
        let new = new_project(scene.project.namespace.id, &format!("p{round}"), scene.user);
        let project = scene.wait(one.projects.create(new)).unwrap().id;
        let token = project_token(&scene, project, &format!("bot{round}"), 2);
        let (removing, renewing, job) = (one.clone(), two.clone(), job(project, scene.user, 4));
        let ((), removed) = race(
            &scene,
            async move {
                unless_gone(renewing.tokens.rotate(Some(project), token, renewal(3)).await);
                unless_gone(renewing.tokens.create_for_job(job).await);
            },
            async move { removing.projects.delete(project).await.unwrap() },
        );
        assert!(removed);
        assert_eq!((scene.count("tokens"), scene.count("users")), (1, 1));
    }
}

#[test]
fn the_sweeper_locks_no_user_while_it_waits_for_a_project() {
    let scene = Scene::new();
    let (project, user) = (scene.project.id, scene.wait(user(&scene.ports, "bob")).id);
    scene.store.close();
    scene.sql(&format!(
        "UPDATE users SET email = NULL WHERE id = {user}; UPDATE projects SET namespace_id = NULL;
        INSERT INTO removals (kind, target_id) VALUES ('project', {project}), ('user', {user})"
    ));
    // As a transaction does that creates a job's token or a release while both are deleted.
    let creator = scene.connect();
    scene.wait(creator.batch_execute("BEGIN; SELECT FROM projects FOR KEY SHARE")).unwrap();
    let _sweeping = scene.another_store();
    scene.wait_for_a_blocked_session();
    scene.wait(creator.batch_execute("SELECT FROM users FOR KEY SHARE NOWAIT")).unwrap();
}

#[test]
fn several_servers_delete_ended_job_tokens_at_once() {
    let scene = Scene::new();
    let (one, two, project, user) = (scene.ports.clone(), scene.another_store(), scene.project.id, scene.user);
    let make = |ports: Storage, numbers: std::ops::Range<u8>| async move {
        for number in numbers {
            ports.tokens.create_for_job(job(project, user, number)).await.unwrap();
        }
    };
    race(&scene, make(one.clone(), 10..60), make(two, 60..110));
    scene.wait(one.tokens.create_for_job(job(project, user, 5))).unwrap();
    assert_eq!(scene.count("tokens WHERE kind = 'job'"), 1);
}

#[test]
fn several_servers_record_uses_of_the_same_tokens_at_once() {
    let scene = Scene::new();
    let (one, two) = (scene.ports.clone(), scene.another_store());
    let mut tokens: Vec<TokenId> = (2..100)
        .map(|number| scene.wait(one.tokens.create_personal(scene.user, new_token(number))).unwrap().id)
        .collect();
    let (early, late) = (day(), day() + std::time::Duration::from_secs(1));
    let forwards: Vec<_> = tokens.iter().map(|token| (*token, early)).collect();
    tokens.reverse();
    let backwards: Vec<_> = tokens.iter().map(|token| (*token, late)).collect();
    for _ in 0..ROUNDS {
        let (one, two, forwards, backwards) = (one.clone(), two.clone(), forwards.clone(), backwards.clone());
        let noted = race(&scene, async move { one.tokens.record_uses(forwards).await }, async move {
            two.tokens.record_uses(backwards).await
        });
        noted.0.unwrap();
        noted.1.unwrap();
        assert_eq!(scene.count(&format!("tokens WHERE last_used_at = {}", late.as_millisecond())), 98);
        scene.sql("UPDATE tokens SET last_used_at = NULL");
    }
}
