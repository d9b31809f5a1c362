//! Names, URLs and paths are unique within a release, whoever writes and when.

use release_links_domain::link::{Candidate, Change, Link, LinkChanges, LinkConflict, LinkFields, OnConflict};
use release_links_ports::{LinkNotCreated, LinkRefused, Precondition, WriteError};

use crate::scene::{Scene, Start, candidate, fields, key, origin, plain, set_to};

fn name(holder: &Link) -> LinkConflict {
    LinkConflict { name: Some(holder.id), ..LinkConflict::NONE }
}

fn url(holder: &Link) -> LinkConflict {
    LinkConflict { url: Some(holder.id), ..LinkConflict::NONE }
}

fn path(holder: &Link) -> LinkConflict {
    LinkConflict { path: Some(holder.id), ..LinkConflict::NONE }
}

fn all(holder: &Link) -> LinkConflict {
    LinkConflict { name: Some(holder.id), url: Some(holder.id), path: Some(holder.id) }
}

/// Lets many writers add what `entry` returns for a number; one must succeed, and the others must get exactly the
/// conflict `taken` with its link.
async fn race_for(scene: Scene, taken: fn(&Link) -> LinkConflict, entry: fn(usize) -> LinkFields) {
    let start = scene.start().await;
    let (project, release) = (start.project.id, start.release.id);
    let outcomes = scene
        .race(|store, racer| async move {
            store.links.create(project, release, entry(racer).into(), Some(OnConflict::Fail), origin()).await
        })
        .await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    let (winner, _) = won.into_iter().next().unwrap().unwrap();
    for outcome in lost {
        assert!(
            matches!(&outcome, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(taken(&winner).into())),
            "{outcome:?}"
        );
    }
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.rows, [winner]);
}

pub async fn of_writers_that_race_for_one_name_exactly_one_succeeds(scene: Scene) {
    race_for(scene, name, |racer| fields("same", &racer.to_string(), Some(&format!("/bin/{racer}")))).await;
}

pub async fn of_writers_that_race_for_one_url_exactly_one_succeeds(scene: Scene) {
    race_for(scene, url, |racer| fields(&racer.to_string(), "same", Some(&format!("/bin/{racer}")))).await;
}

pub async fn of_writers_that_race_for_one_path_exactly_one_succeeds(scene: Scene) {
    race_for(scene, path, |racer| fields(&racer.to_string(), &racer.to_string(), Some("/bin/same"))).await;
}

pub async fn of_writers_that_race_for_all_three_exactly_one_succeeds(scene: Scene) {
    race_for(scene, all, |_| fields("same", "same", Some("/bin/same"))).await;
}

/// Creates a release whose links `a`, `b` and `c` each have a name, URL and path.
async fn three_links(scene: &Scene) -> (Start, Vec<Link>) {
    let start = scene.start().await;
    let mut links = Vec::new();
    for word in ["a", "b", "c"] {
        let entry = fields(word, word, Some(&format!("/bin/{word}")));
        links.push(scene.link(start.project.id, start.release.id, entry).await);
    }
    (start, links)
}

pub async fn conflicts_with_several_links_are_all_reported(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let each = LinkConflict { name: Some(links[0].id), url: Some(links[1].id), path: Some(links[2].id) };
    for (entry, expected) in [
        (fields("a", "b", Some("/bin/c")), each),
        (fields("a", "b", Some("/bin/d")), LinkConflict { path: None, ..each }),
        (fields("d", "b", Some("/bin/c")), LinkConflict { name: None, ..each }),
        (fields("a", "d", None), name(&links[0])),
    ] {
        let outcome = scene
            .store
            .links
            .create(start.project.id, start.release.id, entry.into(), Some(OnConflict::Fail), origin())
            .await;
        assert!(
            matches!(&outcome, Err(WriteError::Conflict(told)) if *told == LinkNotCreated::Faults(expected.into())),
            "{outcome:?}"
        );
    }
}

pub async fn an_update_to_a_value_in_use_leaves_the_link_unchanged(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let of_a = &links[0].fields;
    let free = set_to(&fields("z", "z", Some("/bin/z")));
    for (changes, expected) in [
        (LinkChanges { name: Some(of_a.name.clone()), ..free.clone() }, name(&links[0])),
        (LinkChanges { url: Some(of_a.url.clone()), ..LinkChanges::default() }, url(&links[0])),
        (LinkChanges { path: of_a.path.clone().map_or(Change::Keep, Change::Set), ..free.clone() }, path(&links[0])),
        (set_to(of_a), all(&links[0])),
    ] {
        let outcome = scene
            .store
            .links
            .update(start.project.id, start.release.id, links[1].id, changes, Precondition::NONE, origin())
            .await;
        assert!(
            matches!(&outcome, Err(WriteError::Conflict(told)) if *told == LinkRefused::Taken(expected)),
            "{outcome:?}"
        );
    }
    let key = key(&start.project, "v1.0");
    assert_eq!(scene.found_link(&key, links[1].id).await.as_ref(), Some(&links[1]));
    let outcome = scene
        .store
        .links
        .update(start.project.id, start.release.id, links[1].id, free, Precondition::NONE, origin())
        .await;
    assert_eq!(outcome.unwrap().fields, fields("z", "z", Some("/bin/z")));
}

pub async fn an_update_to_its_own_values_is_not_a_conflict(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let own = set_to(&links[1].fields);
    let updated = scene
        .store
        .links
        .update(start.project.id, start.release.id, links[1].id, own, Precondition::NONE, origin())
        .await;
    assert_eq!(updated.unwrap(), links[1]);
}

pub async fn values_are_compared_byte_for_byte(scene: Scene) {
    let start = scene.start().await;
    let spellings = ["name", "Name", "name ", " name", "n\u{e4}me", "na\u{308}me", "N\u{c4}ME"];
    for name in spellings {
        let entry = LinkFields { name: name.parse().unwrap(), ..plain(&format!("{}", name.len())) };
        let entry = LinkFields { url: format!("http://a/{name}-").parse().unwrap(), ..entry };
        scene.link(start.project.id, start.release.id, entry).await;
    }
    for (url, path) in [("x", "/bin/x"), ("X", "/bin/X"), ("x/", "/Bin/x")] {
        scene.link(start.project.id, start.release.id, fields(path, url, Some(path))).await;
    }
    assert_eq!(scene.links(&key(&start.project, "v1.0"), 1, 20).await.total, Some(spellings.len() as u64 + 3));
}

pub async fn any_number_of_links_may_have_no_path(scene: Scene) {
    let start = scene.start().await;
    for word in ["a", "b", "c"] {
        let link = scene.link(start.project.id, start.release.id, plain(word)).await;
        assert_eq!(link.fields.path, None);
    }
}

pub async fn another_release_may_have_the_same_values(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let all: Vec<LinkFields> = links.iter().map(|link| link.fields.clone()).collect();
    let other = scene.release(start.project.id, "v2.0", all[..2].to_vec()).await;
    let third = scene.link(start.project.id, other.id, all[2].clone()).await;
    assert_eq!(third.fields, all[2]);
}

pub async fn the_values_of_a_deleted_link_are_free_again(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let (project, release) = (start.project.id, start.release.id);
    scene.store.links.delete(project, release, links[0].id, Precondition::NONE, origin()).await.unwrap();
    scene.link(project, release, links[0].fields.clone()).await;
}

pub async fn loading_for_a_write_finds_what_a_partly_empty_candidate_collides_with(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let key = key(&start.project, "v1.0");
    let each = LinkConflict { name: Some(links[0].id), url: Some(links[1].id), path: Some(links[2].id) };
    let whole = candidate(&fields("a", "b", Some("/bin/c")));
    for (candidate, expected) in [
        (whole.clone(), each),
        (Candidate { name: None, ..whole.clone() }, LinkConflict { name: None, ..each }),
        (Candidate { url: whole.url.clone(), ..Candidate::default() }, url(&links[1])),
        (Candidate { path: whole.path.clone(), ..Candidate::default() }, path(&links[2])),
        (Candidate::default(), LinkConflict::NONE),
        (candidate(&plain("d")), LinkConflict::NONE),
    ] {
        let for_write = scene.store.links.load_for_write(&key, None, &candidate).await.unwrap().unwrap().found.unwrap();
        assert_eq!(
            (for_write.id, LinkConflict::between(&candidate, &for_write.alike), for_write.rules),
            (start.release.id, expected, Vec::new()),
            "{candidate:?}"
        );
    }
}

pub async fn loading_for_a_write_leaves_out_the_link_that_changes(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    let own_and_foreign = candidate(&fields("a", "a", Some("/bin/b")));
    let for_write =
        scene.store.links.load_for_write(&key(&start.project, "v1.0"), Some(links[0].id), &own_and_foreign).await;
    let alike = for_write.unwrap().unwrap().found.unwrap().alike;
    assert_eq!(LinkConflict::between(&own_and_foreign, &alike), path(&links[1]));
}

pub async fn loading_for_a_write_finds_no_link_of_another_release(scene: Scene) {
    let (start, links) = three_links(&scene).await;
    scene.release(start.project.id, "v2.0", Vec::new()).await;
    for (tag, found) in [("v1.0", true), ("v2.0", false), ("v3.0", false)] {
        let key = key(&start.project, tag);
        let for_write =
            scene.store.links.load_for_write(&key, Some(links[0].id), &Candidate::default()).await.unwrap().unwrap();
        assert_eq!(for_write.found.is_some(), found, "{tag}");
    }
}
