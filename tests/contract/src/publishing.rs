//! Links that are sent again: kept or replaced, whoever sends them and when.

use release_links_domain::link::{
    Change, LinkConflict, LinkDraft, LinkFaults, LinkFields, LinkObstacle, LinkType, OnConflict, Outcome, ParsedDraft,
};
use release_links_ports::{LinkNotCreated, ProjectChanges, WriteError};

use crate::scene::{Scene, fields, key, origin, plain};

/// A name and a URL alone.
fn sent(name: &str, url: &str) -> ParsedDraft {
    let url = format!("https://files.example.com/{url}");
    LinkDraft { name: Some(name.into()), url: Some(url), ..LinkDraft::default() }.parse()
}

pub async fn a_link_that_is_replaced_keeps_its_id_and_what_was_not_sent(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let given = LinkFields { link_type: LinkType::Image, ..fields("a", "a", Some("/bin/a")) };
    let link = scene.link(project, release, given.clone()).await;
    scene.link(project, release, plain("b")).await;
    let (replaced, outcome) =
        links.create(project, release, sent("a", "new"), Some(OnConflict::Replace), origin()).await.unwrap();
    let url = "https://files.example.com/new".parse().unwrap();
    let expected = LinkFields { url, digest: None, size: None, ..given };
    assert_eq!((replaced.id, &replaced.fields, outcome), (link.id, &expected, Outcome::Replaced));
    assert_eq!(scene.found_link(&key(&start.project, "v1.0"), link.id).await.as_ref(), Some(&replaced));

    let by_path = LinkDraft {
        name: Some("c".into()),
        url: Some("http://c".into()),
        path: Change::Set("/bin/a".into()),
        ..LinkDraft::default()
    };
    let (renamed, outcome) =
        links.create(project, release, by_path.parse(), Some(OnConflict::Replace), origin()).await.unwrap();
    assert_eq!((renamed.id, outcome, renamed.fields.name.as_str()), (link.id, Outcome::Replaced, "c"));
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.total, Some(2));
}

pub async fn a_link_that_is_kept_or_unchanged_stays_as_it_is(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let link = scene.link(project, release, fields("a", "a", Some("/bin/a"))).await;
    scene.link(project, release, plain("b")).await;
    for (draft, on_conflict, expected) in [
        (sent("a", "new"), OnConflict::Keep, Outcome::Kept),
        (sent("a", "b"), OnConflict::Keep, Outcome::Kept),
        (sent("a", "a"), OnConflict::Replace, Outcome::Unchanged),
        (link.fields.clone().into(), OnConflict::Replace, Outcome::Unchanged),
    ] {
        let (found, outcome) = links.create(project, release, draft, Some(on_conflict), origin()).await.unwrap();
        assert_eq!((&found, outcome), (&link, expected));
    }
    assert_eq!(scene.found_link(&key(&start.project, "v1.0"), link.id).await, Some(link));
}

pub async fn what_becomes_of_a_link_that_says_nothing_is_up_to_the_project(scene: Scene) {
    let start = scene.start().await;
    let (project, release, store) = (start.project.id, start.release.id, &scene.store);
    let other = scene.project(start.project.namespace.id, "other", start.owner.id).await;
    assert_eq!(start.project.links_on_conflict, OnConflict::Fail);
    let link = scene.link(project, release, plain("a")).await;
    for (setting, new, expected) in [
        (OnConflict::Fail, "new", None),
        (OnConflict::Keep, "new", Some(Outcome::Kept)),
        (OnConflict::Replace, "newer", Some(Outcome::Replaced)),
    ] {
        let changes = ProjectChanges { links_on_conflict: Some(setting), ..ProjectChanges::default() };
        let shown = store.projects.update(project, changes, start.owner.id).await.unwrap().project;
        assert_eq!(shown.links_on_conflict, setting);
        let candidate = sent("a", new).candidate();
        let loaded = store.links.load_for_write(&key(&start.project, "v1.0"), None, &candidate).await.unwrap().unwrap();
        assert_eq!(loaded.found.unwrap().on_conflict, setting);
        let written = store.links.create(project, release, sent("a", new), None, origin()).await;
        assert_eq!(written.ok().map(|(link, outcome)| (link.id, outcome)), expected.map(|outcome| (link.id, outcome)));
        // What is sent goes before the setting, and a change of something else keeps it.
        let kept = store.links.create(project, release, sent("a", "x"), Some(OnConflict::Keep), origin()).await;
        assert_eq!(kept.unwrap().1, Outcome::Kept);
        let same = store.projects.update(project, ProjectChanges::default(), start.owner.id).await.unwrap().project;
        assert_eq!(same.links_on_conflict, setting);
    }
    assert_eq!(scene.project_now(other.id).await.links_on_conflict, OnConflict::Fail);
}

pub async fn a_replacement_that_collides_with_a_second_link_writes_nothing(scene: Scene) {
    let start = scene.start().await;
    let (project, release, links) = (start.project.id, start.release.id, &scene.store.links);
    let link = scene.link(project, release, plain("a")).await;
    let second = scene.link(project, release, plain("b")).await;
    let refused = links.create(project, release, sent("a", "b"), Some(OnConflict::Replace), origin()).await;
    let taken = LinkConflict { url: Some(second.id), ..LinkConflict::NONE };
    assert!(
        matches!(&refused, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(taken.into())),
        "{refused:?}"
    );
    let refused = links.create(project, release, sent("c", "b"), Some(OnConflict::Keep), origin()).await;
    assert!(
        matches!(&refused, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(taken.into())),
        "{refused:?}"
    );
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.rows, [second, link]);
}

pub async fn a_full_release_takes_no_more_but_what_it_has_may_be_sent_again(scene: Scene) {
    let start = scene.start().await;
    let many = (0..1_000).map(|number| plain(&format!("n{number}"))).collect();
    let release = scene.release(start.project.id, "v2.0", many).await;
    let links = &scene.store.links;
    let refused =
        links.create(start.project.id, release.id, sent("one more", "more"), Some(OnConflict::Replace), origin()).await;
    let too_many: LinkFaults = LinkObstacle::TooMany.into();
    assert!(
        matches!(&refused, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(too_many.clone())),
        "{refused:?}"
    );
    let (replaced, outcome) = links
        .create(start.project.id, release.id, sent("n7", "new"), Some(OnConflict::Replace), origin())
        .await
        .unwrap();
    assert_eq!((replaced.fields.name.as_str(), outcome), ("n7", Outcome::Replaced));
}

pub async fn of_writers_that_keep_one_name_exactly_one_creates_it(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let outcomes = scene.race(|store, racer| async move {
        store
            .links
            .create(project, release, sent("same", &racer.to_string()), Some(OnConflict::Keep), origin())
            .await
            .unwrap()
    });
    let (made, kept): (Vec<_>, Vec<_>) =
        outcomes.await.into_iter().partition(|(_, outcome)| *outcome == Outcome::Created);
    assert_eq!(made.len(), 1);
    assert!(kept.iter().all(|(link, outcome)| *outcome == Outcome::Kept && *link == made[0].0), "{kept:?}");
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.rows, [made[0].0.clone()]);
}

pub async fn writers_that_replace_one_link_all_succeed_and_the_last_one_stands(scene: Scene) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let link = scene.link(project, release, plain("same")).await;
    let outcomes = scene.race(|store, racer| async move {
        store
            .links
            .create(project, release, sent("same", &racer.to_string()), Some(OnConflict::Replace), origin())
            .await
            .unwrap()
    });
    let written = outcomes.await;
    assert!(written.iter().all(|(found, outcome)| found.id == link.id && *outcome == Outcome::Replaced), "{written:?}");
    let found = scene.found_link(&key(&start.project, "v1.0"), link.id).await.unwrap();
    assert!(written.iter().any(|(link, _)| *link == found), "{found:?}");
}
