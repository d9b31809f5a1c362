//! Releases, each with its links.

use release_links_domain::ReleaseId;
use release_links_domain::link::{Change, OnConflict};
use release_links_domain::release::{Release, ReleaseChanges};
use release_links_ports::{
    Batch, BatchedPage, NewRelease, PageRequest, Precondition, ReleaseKey, ReleaseNotChanged, ReleaseOrder,
    ReleaseRefused, Sort, WriteError,
};

use crate::scene::{Scene, at, by_id, fields, key, new_release, origin, plain, reader};

async fn found(scene: &Scene, key: &ReleaseKey) -> Option<Release> {
    scene.store.releases.get(key).await.unwrap().unwrap().found
}

pub async fn a_release_is_returned_as_it_was_created_with_its_links_newest_first(scene: Scene) {
    let start = scene.start().await;
    let new = NewRelease {
        name: Some("Spring".to_owned()),
        description: Some("Line one\nline two".to_owned()),
        tag_message: Some("signed".to_owned()),
        target: Some("main".to_owned()),
        author: Some(start.owner.id),
        created_at: "2024-05-06T07:08:09.123Z".parse().unwrap(),
        released_at: "2034-05-06T07:08:09.999Z".parse().unwrap(),
        links: vec![plain("a"), fields("b", "b", Some("/bin/b"))].into(),
        ..new_release(start.project.id, "rel/2.0 ü")
    };
    let release = scene.made(new.clone()).await;
    let names: Vec<&str> = release.links.iter().map(|link| link.fields.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    assert!(release.links[0].id > release.links[1].id);
    assert_eq!((release.project, &release.tag), (new.project, &new.tag));
    assert_eq!((&release.name, &release.description, &release.target), (&new.name, &new.description, &new.target));
    assert_eq!((release.created_at, release.released_at), (new.created_at, new.released_at));
    assert_eq!(release.author, Some(start.owner));
    assert_eq!(found(&scene, &key(&start.project, "rel/2.0 ü")).await, Some(release));
}

pub async fn a_release_and_its_links_are_stored_together_or_not_at_all(scene: Scene) {
    let start = scene.start().await;
    let colliding = vec![plain("a"), plain("b"), plain("a")].into();
    let new = NewRelease { target: Some("old".to_owned()), ..new_release(start.project.id, "v2.0") };
    let outcome = scene.store.releases.create(NewRelease { links: colliding, ..new.clone() }).await;
    assert!(matches!(outcome, Err(WriteError::Conflict(ReleaseRefused::Links(_)))), "{outcome:?}");
    assert_eq!(found(&scene, &key(&start.project, "v2.0")).await, None);

    let whole = NewRelease { target: Some("new".to_owned()), links: vec![plain("a")].into(), ..new };
    let release = scene.made(whole).await;
    assert_eq!((release.target.as_deref(), release.links.len()), (Some("new"), 1));
}

pub async fn of_writers_that_race_for_one_tag_exactly_one_succeeds(scene: Scene) {
    let start = scene.start().await;
    let project = start.project.id;
    let outcomes = scene
        .race(|store, racer| async move {
            let links = vec![plain(&racer.to_string())].into();
            store.releases.create(NewRelease { links, ..new_release(project, "v2.0") }).await
        })
        .await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for outcome in lost {
        assert!(matches!(outcome, Err(WriteError::Conflict(ReleaseRefused::Exists))), "{outcome:?}");
    }
    let (winner, _) = won.into_iter().next().unwrap().unwrap();
    assert_eq!(found(&scene, &key(&start.project, "v2.0")).await, Some(winner));
}

pub async fn a_release_of_another_project_is_not_found(scene: Scene) {
    let start = scene.start().await;
    let namespace = scene.own_namespace(start.owner.id).await;
    let other = scene.project(namespace, "other", start.owner.id).await;
    assert_eq!(found(&scene, &key(&other, "v1.0")).await, None);
    let for_write = scene
        .store
        .releases
        .load_for_write(&by_id(&other), reader(None), Some("v1.0".parse().unwrap()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(for_write.found.unwrap().release, None);
    assert_eq!(listed(&scene, &key(&other, ""), ReleaseOrder::ReleasedAt, Sort::Descending).await, [""; 0]);
    scene.release(other.id, "v1.0", Vec::new()).await;
}

pub async fn nothing_is_released_in_a_deleted_project(scene: Scene) {
    let start = scene.start().await;
    let never = (start.project.id.get() + 1000).try_into().unwrap();
    assert!(matches!(scene.store.releases.create(new_release(never, "v1.0")).await, Err(WriteError::Gone)));
    let key =
        ReleaseKey { project: release_links_domain::project::ProjectRef::Id(never), ..key(&start.project, "v1.0") };
    assert_eq!(scene.store.releases.get(&key).await.unwrap(), None);
}

async fn listed(scene: &Scene, key: &ReleaseKey, order: ReleaseOrder, sort: Sort) -> Vec<String> {
    let page = PageRequest::default();
    let view = scene.store.releases.list(&key.project, reader(None), order, sort, page).await.unwrap().unwrap();
    view.found.unwrap().batch.rows.into_iter().map(|release| release.tag.into()).collect()
}

pub async fn releases_are_listed_in_the_order_asked_for_and_ties_go_by_id(scene: Scene) {
    let start = scene.start().await;
    let namespace = scene.own_namespace(start.owner.id).await;
    let project = scene.project(namespace, "ordered", start.owner.id).await;
    for (tag, created, released) in [("a", 10, 40), ("b", 30, 20), ("c", 30, 40), ("d", 20, 90)] {
        let new = NewRelease { created_at: at(created), released_at: at(released), ..new_release(project.id, tag) };
        scene.made(new).await;
    }
    let key = key(&project, "");
    for (order, sort, expected) in [
        (ReleaseOrder::ReleasedAt, Sort::Descending, ["d", "c", "a", "b"]),
        (ReleaseOrder::ReleasedAt, Sort::Ascending, ["b", "a", "c", "d"]),
        (ReleaseOrder::CreatedAt, Sort::Descending, ["c", "b", "d", "a"]),
        (ReleaseOrder::CreatedAt, Sort::Ascending, ["a", "d", "b", "c"]),
    ] {
        assert_eq!(listed(&scene, &key, order, sort).await, expected, "{order:?} {sort:?}");
    }
}

pub async fn releases_are_listed_in_pages_each_with_its_own_links(scene: Scene) {
    let start = scene.start().await;
    let two = scene.release(start.project.id, "v2.0", vec![plain("a"), plain("b")]).await;
    let three = scene.release(start.project.id, "v3.0", vec![plain("a")]).await;
    let project = by_id(&start.project);
    let mut pages = Vec::new();
    for page in 1..=3 {
        let wanted = PageRequest { page, per_page: 2 };
        let (order, sort) = (ReleaseOrder::default(), Sort::default());
        let view = scene.store.releases.list(&project, reader(None), order, sort, wanted).await.unwrap().unwrap();
        pages.push(view.found.unwrap());
    }
    assert_eq!(pages[0].batch.rows, [three, two]);
    assert_eq!(pages[1].batch.rows, [start.release]);
    assert_eq!(pages[2].batch.rows, []);
    assert_eq!(pages.iter().map(|page| page.has_next).collect::<Vec<_>>(), [true, false, false]);
    assert!(pages.iter().all(|page| page.total == Some(3)));
}

pub async fn loading_for_a_write_finds_the_release_of_a_tag(scene: Scene) {
    let start = scene.start().await;
    for (tag, expected) in [(Some("v1.0"), Some(start.release.id)), (Some("v1"), None), (None, None)] {
        let tag = tag.map(|tag| tag.parse().unwrap());
        let view = scene
            .store
            .releases
            .load_for_write(&by_id(&start.project), reader(Some(start.owner.id)), tag)
            .await
            .unwrap()
            .unwrap();
        let found = view.found.unwrap();
        assert_eq!((found.release, found.rules), (expected, Vec::new()));
        assert_eq!(view.level, Some(release_links_domain::access::AccessLevel::Owner));
    }
}

pub async fn updating_a_release_changes_what_is_given_and_keeps_its_links(scene: Scene) {
    let start = scene.start().await;
    let (project, releases) = (start.project.id, &scene.store.releases);
    let new = NewRelease {
        name: Some("Spring".to_owned()),
        description: Some("old".to_owned()),
        target: Some("main".to_owned()),
        author: Some(start.owner.id),
        links: vec![plain("a"), plain("b")].into(),
        ..new_release(project, "v2.0")
    };
    let made = scene.made(new).await;
    let changes = ReleaseChanges {
        description: Change::Set("new".to_owned()),
        released_at: Some("2034-05-06T07:08:09.123456Z".parse().unwrap()),
        ..ReleaseChanges::default()
    };
    let expected = Release {
        description: Some("new".to_owned()),
        released_at: "2034-05-06T07:08:09.123Z".parse().unwrap(),
        ..made.clone()
    };
    assert_eq!(
        releases.update(project, made.id, changes, Precondition::NONE, origin()).await.unwrap(),
        expected.clone()
    );
    let changes = ReleaseChanges { name: Change::Clear, description: Change::Clear, released_at: None };
    let expected = Release { name: None, description: None, ..expected };
    assert_eq!(
        releases.update(project, made.id, changes, Precondition::NONE, origin()).await.unwrap(),
        expected.clone()
    );
    assert_eq!(
        releases.update(project, made.id, ReleaseChanges::default(), Precondition::NONE, origin()).await.unwrap(),
        expected.clone()
    );
    assert_eq!(found(&scene, &key(&start.project, "v2.0")).await, Some(expected));
    assert_eq!(found(&scene, &key(&start.project, "v1.0")).await, Some(start.release));
}

pub async fn deleting_a_release_returns_it_as_it_was_and_keeps_its_tag(scene: Scene) {
    let start = scene.start().await;
    let (project, store) = (start.project.id, &scene.store);
    let new = NewRelease {
        tag_message: Some("signed".to_owned()),
        target: Some("main".to_owned()),
        links: vec![plain("a"), plain("b")].into(),
        ..new_release(project, "v2.0")
    };
    let made = scene.made(new).await;
    assert_eq!(
        store.releases.delete(project, made.id, false, Precondition::NONE, origin()).await.unwrap(),
        made.clone()
    );
    assert!(matches!(
        store.releases.delete(project, made.id, false, Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert!(matches!(
        store.releases.update(project, made.id, ReleaseChanges::default(), Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert_eq!(found(&scene, &key(&start.project, "v2.0")).await, None);
    assert!(matches!(
        store.links.create(project, made.id, plain("c").into(), Some(OnConflict::Fail), origin()).await,
        Err(WriteError::Gone)
    ));

    let tag = store.tags.get(&key(&start.project, "v2.0")).await.unwrap().unwrap().found.unwrap().tag.unwrap();
    assert_eq!((tag.message.as_deref(), tag.release), (Some("signed"), None));
    let again = NewRelease { target: Some("other".to_owned()), ..new_release(project, "v2.0") };
    let again = scene.made(again).await;
    assert_eq!(again.target.as_deref(), Some("main"));
    assert!(again.id > made.id);
}

pub async fn a_release_of_another_project_is_not_changed_or_deleted(scene: Scene) {
    let start = scene.start().await;
    let namespace = scene.own_namespace(start.owner.id).await;
    let other = scene.project(namespace, "other", start.owner.id).await;
    let (id, releases) = (start.release.id, &scene.store.releases);
    let changes = ReleaseChanges { name: Change::Set("x".to_owned()), ..ReleaseChanges::default() };
    assert!(matches!(
        releases.update(other.id, id, changes, Precondition::NONE, origin()).await,
        Err(WriteError::Gone)
    ));
    assert!(matches!(releases.delete(other.id, id, false, Precondition::NONE, origin()).await, Err(WriteError::Gone)));
    assert_eq!(found(&scene, &key(&start.project, "v1.0")).await, Some(start.release));
}

pub async fn large_releases_are_listed_in_batches_that_follow_each_other(scene: Scene) {
    let start = scene.start().await;
    let releases = &scene.store.releases;
    let half = "x".repeat(usize::try_from(Batch::<Release, ReleaseId>::BYTES / 2).unwrap());
    let mut expected = Vec::new();
    for number in 0..4 {
        let links = vec![plain(&format!("l{number}"))].into();
        let new = NewRelease {
            description: Some(half.clone()),
            released_at: at(10 + number),
            links,
            ..new_release(start.project.id, &format!("v2.{number}"))
        };
        expected.insert(0, scene.made(new).await);
    }
    let (order, sort, page) = (ReleaseOrder::ReleasedAt, Sort::Descending, PageRequest { page: 1, per_page: 4 });
    let view = releases.list(&by_id(&start.project), reader(None), order, sort, page).await.unwrap().unwrap();
    let BatchedPage { mut batch, total, has_next } = view.found.unwrap();
    assert_eq!((batch.rows.len(), batch.rest.len(), total, has_next), (1, 3, Some(5), true));
    let gone = batch.rest[1];
    releases.delete(start.project.id, gone, false, Precondition::NONE, origin()).await.unwrap();
    let mut found = batch.rows;
    while !batch.rest.is_empty() {
        batch = releases.read_on(start.project.id, batch.rest).await.unwrap();
        assert!(batch.rows.len() <= 2);
        found.append(&mut batch.rows);
    }
    expected.retain(|release| release.id != gone);
    assert_eq!(found, expected);
    let elsewhere = scene.project(scene.own_namespace(start.owner.id).await, "elsewhere", start.owner.id).await;
    let none = releases.read_on(elsewhere.id, vec![start.release.id]).await.unwrap();
    assert_eq!((none.rows, none.rest), (vec![], vec![]));

    let new = new_release(start.project.id, "v3.0");
    let large = NewRelease { description: Some(half.repeat(2) + "x"), released_at: at(20), ..new };
    let large = scene.made(large).await;
    let view = releases.list(&by_id(&start.project), reader(None), order, sort, page).await.unwrap().unwrap();
    let batch = view.found.unwrap().batch;
    assert_eq!((batch.rows.len(), batch.rest[0], batch.rest.len()), (0, large.id, 4));
    assert_eq!(releases.read_on(start.project.id, batch.rest).await.unwrap().rows, [large]);
}

pub async fn a_write_to_a_release_is_done_only_if_its_precondition_holds(scene: Scene) {
    let start = scene.start().await;
    let (project, id, releases) = (start.project.id, start.release.id, &scene.store.releases);
    scene.link(project, id, plain("a")).await;
    let current = found(&scene, &key(&start.project, "v1.0")).await.unwrap();
    let changes = || ReleaseChanges { name: Change::Set("new".to_owned()), ..ReleaseChanges::default() };
    let never = || Precondition::new(|_: &Release| false);
    let refused = releases.update(project, id, changes(), never(), origin()).await;
    assert!(
        matches!(&refused, Err(WriteError::Conflict(ReleaseNotChanged::Precondition(told))) if **told == current),
        "{refused:?}"
    );
    let refused = releases.delete(project, id, false, never(), origin()).await;
    assert!(
        matches!(&refused, Err(WriteError::Conflict(ReleaseNotChanged::Precondition(told))) if **told == current),
        "{refused:?}"
    );
    assert_eq!(found(&scene, &key(&start.project, "v1.0")).await, Some(current.clone()));

    let is = |expected: &Release| {
        let expected = expected.clone();
        Precondition::new(move |current: &Release| *current == expected)
    };
    let updated = releases.update(project, id, changes(), is(&current), origin()).await.unwrap();
    assert_eq!(updated, Release { name: Some("new".to_owned()), ..current });
    releases.delete(project, id, false, is(&updated), origin()).await.unwrap();
}
