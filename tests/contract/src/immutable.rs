//! What an immutable release refuses, and what becomes of its tag.

use release_links_domain::ReleaseId;
use release_links_domain::history::Event;
use release_links_domain::history::HistoryFilter;
use release_links_domain::link::{
    Candidate, Change, LinkChanges, LinkFields, Manifest, OnConflict, Outcome, ParsedDraft,
};
use release_links_domain::project::Project;
use release_links_domain::release::{Release, ReleaseChanges, SentLinks};
use release_links_ports::{
    GroupChanges, IfExists, LinkNotCreated, LinkRefused, ManifestRefused, NewRelease, PageRequest, Precondition,
    ProjectChanges, ReleaseNotChanged, ReleaseRefused, Run, WriteError,
};

use crate::scene::{Scene, Start, at, by_id, fields, key, new_release, origin, plain, reader, set_to};

/// A scene's start, whose release has two links and is immutable.
async fn locked(scene: &Scene) -> Start {
    let start = scene.start().await;
    for fields in [fields("a", "a", Some("/bin/a")), LinkFields { digest: None, size: None, ..plain("b") }] {
        scene.link(start.project.id, start.release.id, fields).await;
    }
    let (release, _) =
        scene.store.releases.set_immutable(start.project.id, start.release.id, true, origin()).await.unwrap();
    assert_eq!((release.immutable, release.links.len()), (true, 2));
    Start { release, ..start }
}

async fn found(scene: &Scene, start: &Start) -> Release {
    scene.store.releases.get(&key(&start.project, "v1.0")).await.unwrap().unwrap().found.unwrap()
}

fn never<T>() -> Precondition<T> {
    Precondition::new(|_: &T| false)
}

pub async fn an_immutable_release_refuses_what_would_change_its_links_or_its_date(scene: Scene) {
    let start = locked(&scene).await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let a = start.release.links.iter().find(|link| link.fields.name.as_str() == "a").unwrap();
    let moved = fields("a", "elsewhere", Some("/bin/a"));
    for (sent, on_conflict) in [
        (plain("c"), OnConflict::Fail),
        (plain("c"), OnConflict::Keep),
        (a.fields.clone(), OnConflict::Fail),
        (moved.clone(), OnConflict::Replace),
    ] {
        let refused = links.create(project, release, sent.into(), Some(on_conflict), origin()).await;
        assert!(matches!(refused, Err(WriteError::Conflict(LinkNotCreated::Immutable))), "{refused:?}");
    }
    let refused = links.update(project, release, a.id, set_to(&moved), never(), origin()).await;
    assert!(matches!(refused, Err(WriteError::Conflict(LinkRefused::Immutable))), "{refused:?}");
    let refused = links.delete(project, release, a.id, never(), origin()).await;
    assert!(matches!(refused, Err(WriteError::Conflict(LinkRefused::Immutable))), "{refused:?}");
    let entries = vec![(None, ParsedDraft::from(a.fields.clone()))];
    for manifest in [Manifest { entries: entries.clone(), prune: true }, Manifest { entries, prune: false }] {
        let refused = links.apply(project, release, manifest, never(), origin(), Run::Real).await;
        assert!(matches!(refused, Err(WriteError::Conflict(ManifestRefused::Immutable))), "{refused:?}");
    }
    let dated = ReleaseChanges { released_at: Some(at(99)), ..ReleaseChanges::default() };
    let refused = scene.store.releases.update(project, release, dated.clone(), never(), origin()).await;
    assert!(matches!(refused, Err(WriteError::Conflict(ReleaseNotChanged::Immutable))), "{refused:?}");
    for (changes, links) in [(dated, SentLinks::default()), (ReleaseChanges::default(), vec![moved].into())] {
        let new = NewRelease { links, if_exists: IfExists::Replace(changes), ..new_release(project, "v1.0") };
        let refused = scene.store.releases.create(new).await;
        assert!(matches!(refused, Err(WriteError::Conflict(ReleaseRefused::Immutable))), "{refused:?}");
    }
    let refused = scene.store.releases.delete(project, release, false, never(), origin()).await;
    assert!(matches!(refused, Err(WriteError::Conflict(ReleaseNotChanged::Immutable))), "{refused:?}");
    assert_eq!(found(&scene, &start).await, start.release);
}

pub async fn an_immutable_release_takes_what_changes_nothing_or_adds_something_missing(scene: Scene) {
    let start = locked(&scene).await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let find = |name: &str| start.release.links.iter().find(|link| link.fields.name.as_str() == name).unwrap();
    let (a, b) = (find("a"), find("b"));
    for (on_conflict, outcome) in [(OnConflict::Keep, Outcome::Kept), (OnConflict::Replace, Outcome::Unchanged)] {
        let sent = links.create(project, release, a.fields.clone().into(), Some(on_conflict), origin()).await.unwrap();
        assert_eq!(sent, (a.clone(), outcome));
    }
    links.update(project, release, a.id, LinkChanges::default(), Precondition::NONE, origin()).await.unwrap();
    let entries = start.release.links.iter().map(|link| (Some(link.id), link.fields.clone().into())).collect();
    let manifest = Manifest { entries, prune: true };
    links.apply(project, release, manifest, Precondition::NONE, origin(), Run::Real).await.unwrap();
    let size = Change::Set(7.try_into().unwrap());
    let sized = LinkChanges { size, ..LinkChanges::default() };
    let told = links.update(project, release, b.id, sized, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(told.fields, LinkFields { size: 7.try_into().ok(), ..b.fields.clone() });
    let digest = plain("b").digest.unwrap();
    let hashed = LinkFields { digest: Some(digest), ..told.fields };
    let sent = links.create(project, release, hashed.clone().into(), Some(OnConflict::Replace), origin()).await;
    assert_eq!(sent.unwrap().0.fields, hashed);
    let named = ReleaseChanges {
        name: Change::Set("Name".to_owned()),
        description: Change::Set("Text".to_owned()),
        released_at: Some(start.release.released_at),
    };
    scene.store.releases.update(project, release, named, Precondition::NONE, origin()).await.unwrap();
    scene.store.channels.set(project, "beta".parse().unwrap(), release, origin()).await.unwrap();
    let loaded = scene.store.links.load_for_write(&key(&start.project, "v1.0"), None, &Candidate::default()).await;
    assert!(loaded.unwrap().unwrap().found.unwrap().immutable);
    let tag = Some(start.release.tag.clone());
    let loaded = scene.store.releases.load_for_write(&by_id(&start.project), reader(None), tag).await.unwrap();
    let loaded = loaded.unwrap().found.unwrap();
    assert_eq!((loaded.release, loaded.immutable, loaded.burnt), (Some(release), true, false));
}

pub async fn a_release_that_was_thawed_changes_again(scene: Scene) {
    let start = locked(&scene).await;
    let (project, release) = (start.project.id, start.release.id);
    scene.store.releases.set_immutable(project, release, false, origin()).await.unwrap();
    scene.link(project, release, plain("c")).await;
    scene.store.releases.delete(project, release, false, Precondition::NONE, origin()).await.unwrap();
    scene.release(project, "v1.0", Vec::new()).await;
}

/// Whether a release of the tag is refused because an immutable one had it.
async fn is_burnt(scene: &Scene, project: &Project) -> bool {
    let tag = "v1.0".parse().ok();
    let loaded = scene.store.releases.load_for_write(&by_id(project), reader(None), tag).await.unwrap().unwrap();
    let told = loaded.found.unwrap().burnt;
    match scene.store.releases.create(new_release(project.id, "v1.0")).await {
        Ok(_) => assert!(!told, "{}", project.full_path),
        Err(WriteError::Conflict(ReleaseRefused::Burnt)) => assert!(told, "{}", project.full_path),
        Err(other) => panic!("{other:?}"),
    }
    told
}

pub async fn the_tag_of_a_deleted_immutable_release_is_refused_wherever_the_project_moves(scene: Scene) {
    let start = locked(&scene).await;
    let project = start.project.id;
    let deleted =
        scene.store.releases.delete(project, start.release.id, true, Precondition::NONE, origin()).await.unwrap();
    assert_eq!(deleted, start.release);
    assert!(is_burnt(&scene, &start.project).await);
    scene.release(project, "v1.0.1", Vec::new()).await;
    let moved = ProjectChanges { path: "moved".parse().ok(), ..ProjectChanges::default() };
    scene.store.projects.update(project, moved, start.owner.id).await.unwrap();
    assert!(is_burnt(&scene, &scene.project_now(project).await).await);
    let next = scene.project(start.project.namespace.id, "HELLO", start.owner.id).await;
    assert!(is_burnt(&scene, &next).await);
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    assert!(!is_burnt(&scene, &other).await);
    // A path that a project has had leads to it until another takes the path.
    assert!(scene.store.projects.delete(next.id).await.unwrap());
    let passing = scene.project(start.project.namespace.id, "passing", start.owner.id).await;
    for path in ["hello", "gone"] {
        let renamed = ProjectChanges { path: path.parse().ok(), ..ProjectChanges::default() };
        scene.store.projects.update(passing.id, renamed, start.owner.id).await.unwrap();
    }
    assert!(is_burnt(&scene, &scene.project_now(passing.id).await).await);
    scene.project(start.project.namespace.id, "hello", start.owner.id).await;
    assert!(!is_burnt(&scene, &scene.project_now(passing.id).await).await);
}

pub async fn the_tags_of_a_deleted_project_are_refused_under_all_its_paths(scene: Scene) {
    let owner = scene.user("ada").await;
    let (top, elsewhere) = (scene.group("top", None).await, scene.group("elsewhere", None).await);
    let below = scene.group("below", Some(top.id)).await;
    let project = scene.project(below.id, "hello", owner.id).await;
    for (tag, immutable) in [("v1.0", true), ("v2.0", false)] {
        let release = scene.release(project.id, tag, vec![plain("a")]).await;
        scene.store.releases.set_immutable(project.id, release.id, immutable, origin()).await.unwrap();
    }
    // From `top/below/hello` to `elsewhere/world`, and from there to `new/world`.
    let moved =
        ProjectChanges { namespace: Some(elsewhere.id), path: "world".parse().ok(), ..ProjectChanges::default() };
    scene.store.projects.update(project.id, moved, owner.id).await.unwrap();
    let renamed = GroupChanges { path: "new".parse().ok(), ..GroupChanges::default() };
    scene.store.groups.update(elsewhere.id, renamed).await.unwrap();
    // Another project takes `top/below/hello`, which no longer leads to the first.
    let taken = scene.project(below.id, "hello", owner.id).await;
    assert!(scene.store.projects.delete(project.id).await.unwrap());
    assert!(!is_burnt(&scene, &taken).await);
    let again = scene.project(elsewhere.id, "world", owner.id).await;
    assert!(is_burnt(&scene, &again).await);
    scene.release(again.id, "v2.0", Vec::new()).await;
    let old = scene.group("elsewhere", None).await;
    assert!(is_burnt(&scene, &scene.project(old.id, "world", owner.id).await).await);
    assert!(!is_burnt(&scene, &scene.project(old.id, "hello", owner.id).await).await);
}

pub async fn the_tags_in_a_deleted_group_or_namespace_are_refused_under_their_paths(scene: Scene) {
    let owner = scene.user("ada").await;
    let top = scene.group("top", None).await;
    let below = scene.group("below", Some(top.id)).await;
    let own = scene.own_namespace(owner.id).await;
    for namespace in [below.id, own] {
        let project = scene.project(namespace, "hello", owner.id).await;
        let release = scene.release(project.id, "v1.0", Vec::new()).await;
        scene.store.releases.set_immutable(project.id, release.id, true, origin()).await.unwrap();
    }
    assert!(scene.store.groups.delete(top.id).await.unwrap());
    scene.store.users.delete(owner.id).await.unwrap();
    let (top, grace) = (scene.group("Top", None).await, scene.user("grace").await);
    let below = scene.group("below", Some(top.id)).await;
    assert!(is_burnt(&scene, &scene.project(below.id, "hello", grace.id).await).await);
    assert!(!is_burnt(&scene, &scene.project(below.id, "other", grace.id).await).await);
    let ada = scene.group("ada", None).await;
    assert!(is_burnt(&scene, &scene.project(ada.id, "hello", grace.id).await).await);
}

pub async fn of_racing_writers_and_a_lock_what_the_lock_found_stays(scene: Scene) {
    let start = scene.start().await;
    let (project, release): (_, ReleaseId) = (start.project.id, start.release.id);
    scene.link(project, release, fields("same", "same", Some("/bin/same"))).await;
    // Each of 50 racers writes four times; one of them locks the release on the way.
    let outcomes = scene
        .race(|store, racer| async move {
            let mut locked = None;
            for round in 0..4 {
                if (racer, round) == (20, 1) {
                    locked = Some(store.releases.set_immutable(project, release, true, origin()).await.unwrap().0);
                }
                let word = format!("r{racer}-{round}");
                let moved = fields("same", &word, Some("/bin/same"));
                let sent = if round % 2 == 0 { plain(&word) } else { moved };
                match store.links.create(project, release, sent.into(), Some(OnConflict::Replace), origin()).await {
                    Ok(_) | Err(WriteError::Conflict(LinkNotCreated::Immutable)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            locked
        })
        .await;
    let locked = outcomes.into_iter().flatten().next().unwrap();
    assert_eq!(found(&scene, &start).await, locked);
    let (filter, page) = (HistoryFilter::default(), PageRequest { page: 1, per_page: 1 });
    let view = scene.store.history.of_release(&key(&start.project, "v1.0"), filter, page).await.unwrap().unwrap();
    assert_eq!(view.found.unwrap().batch.rows[0].event, Event::Immutable);
}
